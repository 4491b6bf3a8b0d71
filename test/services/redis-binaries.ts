/**
 * Where a Redis server's program can be had on this machine: on PATH (Redis or Valkey), or in Debian's own packages, unpacked into
 * the working space without root. The latter is a download from the machine's own package source, done once a checkout.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export type RedisProgram = {
  readonly file: string;
  /** Folders with the libraries it needs, where the system has them not. */
  readonly libraries: readonly string[];
};

export type RedisSource = {
  readonly origin: 'path' | 'unpacked';
  /** Throws an error whose message says why there is none. */
  find(options: {
    readonly directory: string;
    readonly env: NodeJS.ProcessEnv;
  }): Promise<RedisProgram>;
};

const run = promisify(execFile);
const DOWNLOAD_MS_MAX = 120_000;

export function redisOnPath(): RedisSource {
  return {
    origin: 'path',
    async find({ env }) {
      const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
      const files = ['redis-server', 'valkey-server'].flatMap((program) =>
        folders.map((folder) => join(folder, program)),
      );
      const runs = await Promise.all(files.map((file) => isProgram(file)));
      const file = files.find((_, index) => runs[index]);
      if (file === undefined) throw new Error('neither redis-server nor valkey-server is on PATH');
      return { file, libraries: [] };
    },
  };
}

function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Debian's packages under `<directory>/redis`, fetched there if need be. */
export function unpackedRedis(): RedisSource {
  return {
    origin: 'unpacked',
    async find({ directory }) {
      const root = join(directory, 'redis');
      const file = join(root, 'usr/bin/redis-server');
      if (!(await isProgram(file))) await unpack({ directory, root });
      const libraries = await libraryFolders(root);
      const env = { PATH: '/usr/bin:/bin', LD_LIBRARY_PATH: libraries.join(':') };
      const { stdout } = await run('ldd', [file], { env });
      const missing = stdout.split('\n').filter((line) => line.includes('not found'));
      if (missing.length > 0) throw new Error(`libraries are missing:${missing.join(';')}`);
      return { file, libraries };
    },
  };
}

async function libraryFolders(root: string): Promise<readonly string[]> {
  const parents = [join(root, 'usr/lib'), join(root, 'lib')];
  const folders = parents.map(async (parent) => {
    const names = await readdir(parent).catch(() => []);
    return names.filter((name) => name.includes('-linux-')).map((name) => join(parent, name));
  });
  return (await Promise.all(folders)).flat();
}

/** Beside its final place and renamed when complete, so that an interrupted attempt is never taken for a success. */
async function unpack(options: {
  readonly directory: string;
  readonly root: string;
}): Promise<void> {
  const work = join(options.directory, `redis-partial-${randomBytes(6).toString('hex')}`);
  try {
    const archives = await fetchPackages(work);
    const root = join(work, 'root');
    await Promise.all(archives.map((archive) => run('dpkg', ['-x', archive, root])));
    await rm(options.root, { recursive: true, force: true });
    await rename(root, options.root);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Downloads the two packages and whatever they need that is not installed, with the machine's package lists if it has them, else
 * with lists of our own. `--reinstall`: also where they are installed, since what counts is that nobody found them on PATH.
 */
async function fetchPackages(work: string): Promise<readonly string[]> {
  const archives = join(work, 'archives');
  const lists = join(work, 'lists');
  await Promise.all(
    [archives, lists].map((folder) => mkdir(join(folder, 'partial'), { recursive: true })),
  );
  const settings = {
    'Dir::Cache': join(work, 'cache'),
    'Dir::Cache::archives': archives,
    // Nothing of the machine's is written, so its locks do not matter, and need root.
    'Debug::NoLocking': 'true',
    // As root apt would download as a user who cannot write here.
    'APT::Sandbox::User': 'root',
  };
  const fetch = ['install', '--download-only', '--no-install-recommends', '--reinstall', '--yes'];
  const packages = ['redis-server', 'redis-tools'];
  try {
    await aptGet([...fetch, ...packages], settings);
  } catch {
    const own = { ...settings, 'Dir::State::lists': lists };
    await aptGet(['update'], own);
    await aptGet([...fetch, ...packages], own);
  }
  const names = await readdir(archives);
  return names.filter((name) => name.endsWith('.deb')).map((name) => join(archives, name));
}

async function aptGet(
  command: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const { PATH, http_proxy, https_proxy, no_proxy } = process.env;
  const env = { PATH, http_proxy, https_proxy, no_proxy, LC_ALL: 'C.UTF-8' };
  await run('apt-get', ['-q', ...options, ...command], { env, timeout: DOWNLOAD_MS_MAX });
}
