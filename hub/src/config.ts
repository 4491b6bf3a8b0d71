/** The hub's settings. Names are stable: operators script against them. */
import {
  type Environment,
  type ListenAddress,
  parseListen,
  readSettings,
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
  HUB_LOG_LEVEL: {
    kind: 'text',
    fallback: 'info',
    describe: 'debug, info, warn, error or silent.',
  },
} as const satisfies SettingsTable;

export type HubConfig = {
  readonly databaseUrl: string;
  readonly queueUrl: string;
  readonly listen: ListenAddress;
  readonly publicAddress: ListenAddress;
  readonly dataDirectory: string;
  /** Empty where there is none. */
  readonly replicaUrl: string;
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
    logLevel: settings.HUB_LOG_LEVEL,
  };
}
