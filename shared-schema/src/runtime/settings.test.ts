import { expect, test } from 'vitest';

import { parseListen, readSettings, SettingsError } from './settings.ts';

const table = {
  X_DATABASE_URL: { kind: 'url', describe: 'Where the database is.' },
  X_LISTEN: { kind: 'listen', fallback: '127.0.0.1:8443', describe: 'Where to listen.' },
  X_COUNT: { kind: 'integer', fallback: '4', describe: 'How many.' },
} as const;

test('defaults stand where the environment says nothing, or an empty string', () => {
  const settings = readSettings(table, { X_DATABASE_URL: 'postgres://h/db', X_LISTEN: '' });
  expect(settings.X_LISTEN).toBe('127.0.0.1:8443');
  expect(settings.X_COUNT).toBe('4');
});

test('all faults are told at once, with what each setting is for', () => {
  const read = (): unknown => readSettings(table, { X_LISTEN: 'nowhere', X_COUNT: 'many' });
  expect(read).toThrow(SettingsError);
  expect(read).toThrow(
    /X_DATABASE_URL is not set.*X_LISTEN is no host:port.*X_COUNT is no whole/su,
  );
});

test.each([
  ['127.0.0.1:8443', { host: '127.0.0.1', port: 8443 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['hub.example.vn:0', { host: 'hub.example.vn', port: 0 }],
  ['8443', undefined],
  ['host:70000', undefined],
])('the address %s is read as %j', (text, address) => {
  expect(parseListen(text)).toEqual(address);
});
