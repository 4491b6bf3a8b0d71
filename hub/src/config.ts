/** The hub's settings. Names are stable: operators script against them. */
import type { Owner } from '@lienthong/shared-schema/catalogue/types.ts';
import {
  type Environment,
  type ListenAddress,
  parseListen,
  readSettings,
  type Settings,
  type SettingsTable,
} from '@lienthong/shared-schema/runtime/settings.ts';

export const hubSettings = {
  HUB_DATABASE_URL: {
    kind: 'url',
    describe: 'PostgreSQL of the hub, such as postgres://hub:secret@127.0.0.1/lienthong_hub.',
  },
  HUB_QUEUE_URL: {
    kind: 'text',
    fallback: '',
    describe: 'redis://… or postgres://…; empty: the queues live in the database of the hub.',
  },
  HUB_LISTEN: {
    kind: 'listen',
    fallback: '0.0.0.0:8443',
    describe: 'Address for nodes (mutual TLS), host:port.',
  },
  HUB_PUBLIC_ADDRESS: {
    kind: 'listen',
    fallback: '127.0.0.1:8443',
    describe: 'The address that invitations name, host:port; the host is in the certificate.',
  },
  HUB_DATA_DIR: {
    kind: 'directory',
    fallback: '.data/hub',
    describe: 'Folder of the keys and of the incarnation number, mode 0700.',
  },
  HUB_REPLICA_URL: {
    kind: 'text',
    fallback: '',
    describe:
      'postgres://… of a replica of the database: what is verified there is marked as safe; empty: none.',
  },
  HUB_REFERENCE_POPULATION_URL: {
    kind: 'text',
    fallback: '',
    describe:
      'https://… where the population database is asked (citizen messages of QCVN 109); empty: not set up.',
  },
  HUB_REFERENCE_POPULATION_KEY_FILE: {
    kind: 'text',
    fallback: '',
    describe: 'File with the key for it, one line; empty: none is shown.',
  },
  HUB_REFERENCE_POPULATION_CALLS: {
    kind: 'integer',
    fallback: '60',
    describe: 'Calls a minute at most, of 100 people each, by all processes of the hub together.',
  },
  HUB_REFERENCE_INSURANCE_URL: {
    kind: 'text',
    fallback: '',
    describe: 'https://… where social insurance is asked; empty: not set up.',
  },
  HUB_REFERENCE_INSURANCE_KEY_FILE: {
    kind: 'text',
    fallback: '',
    describe: 'File with the key for it, one line; empty: none is shown.',
  },
  HUB_REFERENCE_INSURANCE_CALLS: {
    kind: 'integer',
    fallback: '60',
    describe: 'Calls a minute at most, of 100 people each, by all processes of the hub together.',
  },
  HUB_REFERENCE_PARTY_URL: {
    kind: 'text',
    fallback: '',
    describe: 'https://… where the Party database is asked; empty: not set up.',
  },
  HUB_REFERENCE_PARTY_KEY_FILE: {
    kind: 'text',
    fallback: '',
    describe: 'File with the key for it, one line; empty: none is shown.',
  },
  HUB_REFERENCE_PARTY_CALLS: {
    kind: 'integer',
    fallback: '60',
    describe: 'Calls a minute at most, of 100 people each, by all processes of the hub together.',
  },
  HUB_REFERENCE_VALID_DAYS: {
    kind: 'integer',
    fallback: '30',
    describe: 'For how many days an answer of a reference source is used again.',
  },
  HUB_LOG_LEVEL: {
    kind: 'text',
    fallback: 'info',
    describe: 'debug, info, warn, error or silent.',
  },
} as const satisfies SettingsTable;

/** How a reference source is set up. */
export type ReferenceSetting = {
  readonly name: Exclude<Owner, 'unit'>;
  readonly url: string;
  /** File with the key that the source gave, one line; empty: none is shown. */
  readonly keyFile: string;
  readonly callsPerMinute: number;
  /** After the first call without an answer; doubled with each further one. */
  readonly firstPauseMs: number;
  /** How long an answer may be used. */
  readonly validDays: number;
  readonly timeoutMs: number;
};

export type HubConfig = {
  readonly databaseUrl: string;
  readonly queueUrl: string;
  readonly listen: ListenAddress;
  readonly publicAddress: ListenAddress;
  readonly dataDirectory: string;
  /** Empty where there is none. */
  readonly replicaUrl: string;
  /** The sources that are set up. */
  readonly references: readonly ReferenceSetting[];
  readonly logLevel: string;
};

export function readHubConfig(env: Environment): HubConfig {
  const settings = readSettings(hubSettings, env);
  const nowhere = { host: '', port: 0 };
  return {
    databaseUrl: settings.HUB_DATABASE_URL,
    queueUrl: settings.HUB_QUEUE_URL === '' ? settings.HUB_DATABASE_URL : settings.HUB_QUEUE_URL,
    listen: parseListen(settings.HUB_LISTEN) ?? nowhere,
    publicAddress: parseListen(settings.HUB_PUBLIC_ADDRESS) ?? nowhere,
    dataDirectory: settings.HUB_DATA_DIR,
    replicaUrl: settings.HUB_REPLICA_URL,
    references: referencesOf(settings),
    logLevel: settings.HUB_LOG_LEVEL,
  };
}

const referencePauseMs = 1_000;
const referenceTimeoutMs = 60_000;

function referencesOf(settings: Settings<typeof hubSettings>): readonly ReferenceSetting[] {
  const of = (
    name: ReferenceSetting['name'],
    key: 'POPULATION' | 'INSURANCE' | 'PARTY',
  ): ReferenceSetting => ({
    name,
    url: settings[`HUB_REFERENCE_${key}_URL`],
    keyFile: settings[`HUB_REFERENCE_${key}_KEY_FILE`],
    callsPerMinute: Math.max(1, Number(settings[`HUB_REFERENCE_${key}_CALLS`])),
    firstPauseMs: referencePauseMs,
    validDays: Math.max(1, Number(settings.HUB_REFERENCE_VALID_DAYS)),
    timeoutMs: referenceTimeoutMs,
  });
  return [
    of('population', 'POPULATION'),
    of('social-insurance', 'INSURANCE'),
    of('party', 'PARTY'),
  ].filter(({ url }) => url !== '');
}
