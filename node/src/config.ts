/** The node's settings. Names are stable: operators script against them. */
import {
  type Environment,
  type ListenAddress,
  parseListen,
  readSettings,
  type SettingsTable,
} from '@lienthong/shared-schema/runtime/settings.ts';

export const nodeSettings = {
  NODE_DATABASE_URL: {
    kind: 'url',
    describe: 'PostgreSQL of the node, such as postgres://node:secret@127.0.0.1/lienthong_node.',
  },
  NODE_QUEUE_URL: {
    kind: 'text',
    fallback: '',
    describe: 'redis://… or postgres://…; empty: the queues live in the database of the node.',
  },
  NODE_LISTEN: {
    kind: 'listen',
    fallback: '127.0.0.1:8080',
    describe: 'Address for people and programs of the unit, host:port.',
  },
  NODE_DATA_DIR: {
    kind: 'directory',
    fallback: '.data/node',
    describe: 'Folder of the keys and certificates, mode 0700.',
  },
  NODE_AGENCY: {
    kind: 'text',
    fallback: '',
    describe: 'Level-1 agency code of the unit, such as H52; needed by init.',
  },
  NODE_LOG_LEVEL: {
    kind: 'text',
    fallback: 'info',
    describe: 'debug, info, warn, error or silent.',
  },
} as const satisfies SettingsTable;

export type NodeConfig = {
  readonly databaseUrl: string;
  readonly queueUrl: string;
  readonly listen: ListenAddress;
  readonly dataDirectory: string;
  readonly agency: string;
  readonly logLevel: string;
};

export function readNodeConfig(env: Environment): NodeConfig {
  const settings = readSettings(nodeSettings, env);
  return {
    databaseUrl: settings.NODE_DATABASE_URL,
    queueUrl: settings.NODE_QUEUE_URL === '' ? settings.NODE_DATABASE_URL : settings.NODE_QUEUE_URL,
    listen: parseListen(settings.NODE_LISTEN) ?? { host: '', port: 0 },
    dataDirectory: settings.NODE_DATA_DIR,
    agency: settings.NODE_AGENCY,
    logLevel: settings.NODE_LOG_LEVEL,
  };
}
