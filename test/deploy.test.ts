/**
 * The examples in deploy/ against the programs: commands that exist, settings that exist and the
 * required ones set, ports as the programs have them, every systemd unit hardened.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { parseListen, type SettingsTable } from '@lienthong/shared-schema/runtime/settings.ts';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

import { hubSettings } from '../hub/src/config.ts';
import { nodeSettings } from '../node/src/config.ts';

type Side = 'hub' | 'node';
const settingsOf: Readonly<Record<Side, SettingsTable>> = { hub: hubSettings, node: nodeSettings };

/** The commands that `--help` of a program lists. */
function commandsOf(side: Side): readonly string[] {
  const help = execFileSync(process.execPath, [`${side}/src/cli/main.ts`, '--help'], {
    encoding: 'utf8',
  });
  const [, list = ''] = help.split('Commands:\n');
  return Array.from(
    list.matchAll(/^ {2}(?<name>[a-z]+)/gmu),
    ({ groups }) => groups?.['name'] ?? '',
  );
}
const commands = { hub: commandsOf('hub'), node: commandsOf('node') };

/** `node_modules/.bin/node hub/src/cli/main.ts serve` → hub, serve. */
function programOf(words: readonly string[]): { readonly side: Side; readonly command: string } {
  const [program, main, command] = words;
  const side = /^(?<side>hub|node)\/src\/cli\/main\.ts$/u.exec(main ?? '')?.groups?.['side'];
  if (basename(program ?? '') !== 'node' || (side !== 'hub' && side !== 'node')) {
    throw new Error(`no command line of hub or node: ${words.join(' ')}`);
  }
  return { side, command: command ?? '' };
}

/** Faults of a set of settings: unknown names, required ones missing, unlike the default port. */
function faultsOf(side: Side, given: Readonly<Record<string, string>>): readonly string[] {
  const table = settingsOf[side];
  const unknown = Object.keys(given).filter((name) => !(name in table));
  const missing = Object.entries(table)
    .filter(([name, { fallback }]) => fallback === undefined && (given[name] ?? '') === '')
    .map(([name]) => `${name} is missing`);
  const otherPorts = Object.entries(table)
    .filter(([name, { kind }]) => kind === 'listen' && given[name] !== undefined)
    .filter(
      ([name, { fallback }]) =>
        parseListen(given[name] ?? '')?.port !== parseListen(fallback ?? '')?.port,
    )
    .map(([name]) => `${name} has another port than the program`);
  return [...unknown, ...missing, ...otherPorts];
}

function readPairs(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf('=');
    if (at < 1) throw new Error(`no NAME=value: ${line}`);
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

test.each(['hub', 'node'] as const)('%s.env.example has every setting, each valid', (side) => {
  const given = readPairs(readFileSync(`deploy/${side}.env.example`, 'utf8'));
  expect(faultsOf(side, given)).toEqual([]);
  expect(Object.keys(given)).toEqual(Object.keys(settingsOf[side]));
});

const units = globSync('deploy/systemd/*.service').toSorted();

test('there is one unit for each process', () => {
  expect(units.map((path) => basename(path))).toEqual([
    'lienthong-hub-serve.service',
    'lienthong-hub-work.service',
    'lienthong-node-serve.service',
    'lienthong-node-work.service',
  ]);
});

const hardening: Readonly<Record<string, string>> = {
  Restart: 'always',
  NoNewPrivileges: 'true',
  ProtectSystem: 'strict',
  ProtectHome: 'true',
  PrivateTmp: 'true',
  PrivateDevices: 'true',
  CapabilityBoundingSet: '',
  RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX',
  SystemCallFilter: '@system-service',
  StateDirectoryMode: '0700',
  UMask: '0077',
};

test.each(units)('%s runs its command, hardened, with its settings and data', (path) => {
  const [, side, role] = /lienthong-(hub|node)-(serve|work)\.service$/u.exec(path) ?? [];
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('['));
  const keys = readPairs(lines.join('\n'));
  const program = programOf((keys['ExecStart'] ?? '').split(' '));
  expect(program).toEqual({ side, command: role });
  expect(commands[program.side]).toContain(role);
  expect(keys).toMatchObject(hardening);
  expect(keys['EnvironmentFile']).toBe(`/etc/lienthong/${side}.env`);
  expect(keys['User']).toBe(`lienthong-${side}`);
  const example = readPairs(readFileSync(`deploy/${side}.env.example`, 'utf8'));
  expect(example[`${program.side.toUpperCase()}_DATA_DIR`]).toBe(
    `/var/lib/${keys['StateDirectory']}`,
  );
  expect(keys['ExecStart']?.startsWith(`${keys['WorkingDirectory']}/node_modules/.bin/node `)).toBe(
    true,
  );
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.runIf(hasSystemd)('systemd can read the units', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lienthong-units-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const copies = units.map((path) => {
    // the program is looked for where it would be installed: here that is this checkout
    const text = readFileSync(path, 'utf8').replaceAll('/opt/lienthong', resolve('.'));
    const copy = join(folder, basename(path));
    writeFileSync(copy, text);
    return copy;
  });
  const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...copies], {
    encoding: 'utf8',
  });
  // units of the machine itself may have faults of their own
  expect(stderr.split('\n').filter((line) => line.includes('lienthong-'))).toEqual([]);
});

type Service = {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
};
type Compose = {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const composeText = readFileSync('deploy/compose.yaml', 'utf8');
const compose = parse(composeText, { merge: true }) as Compose;

test('the compose file has both programs with their servers, and nothing points nowhere', () => {
  expect(Object.keys(compose.services)).toEqual([
    'hub-postgres',
    'hub-redis',
    'hub-init',
    'hub-serve',
    'hub-work',
    'node-postgres',
    'node-init',
    'node-serve',
    'node-work',
  ]);
  for (const { depends_on: needed = {}, volumes = [], environment = {} } of Object.values(
    compose.services,
  )) {
    const hosts = Object.values(environment)
      .map((value) => /@(?<host>[a-z-]+):|^redis:\/\/(?<redis>[a-z-]+):/u.exec(value)?.groups)
      .map((groups) => groups?.['host'] ?? groups?.['redis'])
      .filter((host) => host !== undefined);
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining([...Object.keys(needed), ...hosts]),
    );
    expect(Object.keys(compose.volumes)).toEqual(
      expect.arrayContaining(volumes.map((volume) => volume.split(':')[0])),
    );
  }
});

const ours = Object.entries(compose.services).filter(([, { image }]) => image === 'lienthong');

test.each(ours)(
  'the service %s runs a command that exists, with valid settings',
  (name, service) => {
    const { side, command } = programOf(service.command ?? []);
    expect(name).toBe(`${side}-${command}`);
    expect(commands[side]).toContain(command);
    expect(faultsOf(side, service.environment ?? {})).toEqual([]);
    const folder = service.environment?.[`${side.toUpperCase()}_DATA_DIR`];
    expect(service.volumes?.map((volume) => volume.split(':')[1])).toEqual([folder]);
  },
);

test('the ports that containers publish are those that the programs listen on', () => {
  for (const [side, setting] of [
    ['hub', 'HUB_LISTEN'],
    ['node', 'NODE_LISTEN'],
  ] as const) {
    const { ports = [], environment = {} } = compose.services[`${side}-serve`] ?? {};
    const listen = parseListen(environment[setting] ?? '')?.port;
    expect(ports.map((port) => port.split(':').at(-1))).toEqual([String(listen)]);
  }
});

test('the commands that the comments tell to run exist', () => {
  const told = composeText.matchAll(
    /run --rm (?<side>hub|node)-serve (?<line>node \S+main\.ts (?<command>[a-z]+))/gu,
  );
  const lines = Array.from(told, ({ groups }) => groups ?? {});
  expect(lines.length).toBe(4);
  for (const { side, line = '' } of lines) {
    const program = programOf(line.split(' '));
    expect(program.side).toBe(side);
    expect(commands[program.side]).toContain(program.command);
  }
});

test('the image has everything that the programs import, and the lockfile that names it', () => {
  const dockerfile = readFileSync('deploy/Dockerfile', 'utf8');
  const ignored = readFileSync('deploy/Dockerfile.dockerignore', 'utf8').split('\n');
  for (const needed of ['package.json', 'package-lock.json', 'shared-schema', 'hub', 'node']) {
    expect(ignored).toContain(`!${needed}`);
    expect(dockerfile).toMatch(new RegExp(`^COPY .*\\b${needed.replace('.', '\\.')}\\b`, 'mu'));
  }
  expect(dockerfile).toContain('npm ci --omit=dev');
  expect(dockerfile).toMatch(/^USER (?!root)/mu);
});
