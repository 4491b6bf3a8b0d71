import { SettingsError } from '@lienthong/shared-schema/runtime/settings.ts';
import { expect, test } from 'vitest';

import { hubSettings, readHubConfig } from './config.ts';

const databaseUrl = 'postgres://hub:secret@127.0.0.1/lienthong_hub';

test('a hub needs its database named and nothing else', () => {
  expect(readHubConfig({ HUB_DATABASE_URL: databaseUrl })).toEqual({
    databaseUrl,
    queueUrl: databaseUrl,
    listen: { host: '0.0.0.0', port: 8443 },
    publicAddress: { host: '127.0.0.1', port: 8443 },
    dataDirectory: '.data/hub',
    replicaUrl: '',
    references: [],
    logLevel: 'info',
  });
});

test('every setting of the table arrives in the configuration', () => {
  const given = {
    HUB_DATABASE_URL: databaseUrl,
    HUB_QUEUE_URL: 'redis://127.0.0.1:6379',
    HUB_LISTEN: '[::1]:9443',
    HUB_PUBLIC_ADDRESS: 'hub.example.vn:443',
    HUB_DATA_DIR: 'keys',
    HUB_REPLICA_URL: 'postgres://replica/hub',
    HUB_REFERENCE_POPULATION_URL: 'https://dancu.example.vn/tra-cuu',
    HUB_REFERENCE_POPULATION_KEY_FILE: 'keys/population',
    HUB_REFERENCE_POPULATION_CALLS: '30',
    HUB_REFERENCE_INSURANCE_URL: 'https://bhxh.example.vn/tra-cuu',
    HUB_REFERENCE_INSURANCE_KEY_FILE: 'keys/insurance',
    HUB_REFERENCE_INSURANCE_CALLS: '20',
    HUB_REFERENCE_PARTY_URL: 'https://dang.example.vn/tra-cuu',
    HUB_REFERENCE_PARTY_KEY_FILE: 'keys/party',
    HUB_REFERENCE_PARTY_CALLS: '10',
    HUB_REFERENCE_VALID_DAYS: '7',
    HUB_LOG_LEVEL: 'warn',
  };
  expect(Object.keys(given)).toEqual(Object.keys(hubSettings));
  expect(readHubConfig(given)).toEqual({
    databaseUrl,
    queueUrl: 'redis://127.0.0.1:6379',
    listen: { host: '::1', port: 9443 },
    publicAddress: { host: 'hub.example.vn', port: 443 },
    dataDirectory: 'keys',
    replicaUrl: 'postgres://replica/hub',
    references: [
      ['population', 'https://dancu.example.vn/tra-cuu', 'keys/population', 30],
      ['social-insurance', 'https://bhxh.example.vn/tra-cuu', 'keys/insurance', 20],
      ['party', 'https://dang.example.vn/tra-cuu', 'keys/party', 10],
    ].map(([name, url, keyFile, callsPerMinute]) => ({
      name,
      url,
      keyFile,
      callsPerMinute,
      firstPauseMs: 1_000,
      validDays: 7,
      timeoutMs: 60_000,
    })),
    logLevel: 'warn',
  });
});

test('an empty setting counts as one that is not there', () => {
  const config = readHubConfig({
    HUB_DATABASE_URL: databaseUrl,
    HUB_LISTEN: '',
    HUB_QUEUE_URL: '',
  });
  expect(config.listen).toEqual({ host: '0.0.0.0', port: 8443 });
  expect(config.queueUrl).toBe(databaseUrl);
});

test('all faults are told at once, without the values', () => {
  const read = () => readHubConfig({ HUB_LISTEN: 'secret-host', HUB_PUBLIC_ADDRESS: 'hub:70000' });
  expect(read).toThrow(SettingsError);
  expect(read).toThrow(
    /HUB_DATABASE_URL is not set\.[\s\S]*HUB_LISTEN is no host:port\.[\s\S]*HUB_PUBLIC_ADDRESS is no host:port\./u,
  );
  expect(read).not.toThrow(/secret-host/u);
});

test('a database URL that is none is refused', () => {
  expect(() => readHubConfig({ HUB_DATABASE_URL: 'lienthong_hub' })).toThrow(
    /HUB_DATABASE_URL is no URL/u,
  );
});
