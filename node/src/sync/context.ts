/** What every use case of the node is given: its database, its identity, its link to the hub. */
import type { KeyObject } from 'node:crypto';

import type { Database } from '@lienthong/shared-schema/runtime/database.ts';
import type { Logger } from 'pino';

import type { HubLink } from '../link/hub-link.ts';

export type NodeContext = {
  readonly database: Database;
  readonly agency: string;
  readonly now: () => Date;
  readonly log: Logger;
};

/** A node that is enrolled: it has keys that the hub knows, and a way to the hub. */
export type EnrolledNode = NodeContext & {
  readonly link: HubLink;
  readonly signingKey: KeyObject;
  /** Opens the unit's sealed sections; its public half seals them. */
  readonly sealingKey: KeyObject;
  readonly hubSigningKey: KeyObject;
  /** SHA-256 of the hub's root certificate. */
  readonly audience: Uint8Array;
  /** Whether this process has shaken hands with the hub; nothing is sealed before. */
  readonly session: { ready: boolean; greeting?: Promise<void> | undefined };
};
