import { SettingsError } from '@lienthong/shared-schema/runtime/settings.ts';
import { expect, test } from 'vitest';

import { nodeSettings, readNodeConfig } from './config.ts';

const databaseUrl = 'postgres://node:secret@127.0.0.1/lienthong_node';

test('a node needs its database named and nothing else', () => {
  expect(readNodeConfig({ NODE_DATABASE_URL: databaseUrl })).toEqual({
    databaseUrl,
    queueUrl: databaseUrl,
    listen: { host: '127.0.0.1', port: 8080 },
    dataDirectory: '.data/node',
    agency: '',
    logLevel: 'info',
  });
});

test('every setting of the table arrives in the configuration', () => {
  const given = {
    NODE_DATABASE_URL: databaseUrl,
    NODE_QUEUE_URL: 'redis://127.0.0.1:6379',
    NODE_LISTEN: '0.0.0.0:80',
    NODE_DATA_DIR: 'keys',
    NODE_AGENCY: 'H52',
    NODE_LOG_LEVEL: 'debug',
  };
  expect(Object.keys(given)).toEqual(Object.keys(nodeSettings));
  expect(readNodeConfig(given)).toEqual({
    databaseUrl,
    queueUrl: 'redis://127.0.0.1:6379',
    listen: { host: '0.0.0.0', port: 80 },
    dataDirectory: 'keys',
    agency: 'H52',
    logLevel: 'debug',
  });
});

test('all faults are told at once, without the values', () => {
  const read = () => readNodeConfig({ NODE_DATABASE_URL: 'secret', NODE_LISTEN: '8080' });
  expect(read).toThrow(SettingsError);
  expect(read).toThrow(/NODE_DATABASE_URL is no URL\.[\s\S]*NODE_LISTEN is no host:port\./u);
  expect(read).not.toThrow(/secret\b(?!@)/u);
});

test('the settings of the hub mean nothing to a node', () => {
  expect(() => readNodeConfig({ HUB_DATABASE_URL: databaseUrl })).toThrow(
    /NODE_DATABASE_URL is not set/u,
  );
});
