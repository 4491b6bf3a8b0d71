/** What every use case of the hub is given: its database, its keys, its clock, its doorbell. */
import type { KeyObject } from 'node:crypto';

import type { Database } from '@lienthong/shared-schema/runtime/database.ts';
import type { Logger } from 'pino';

export type HubContext = {
  readonly database: Database;
  /** Raised by hand when the hub is restored from a backup; kept in a file outside the database. */
  readonly incarnation: bigint;
  /** Where the hub's files lie: keys, incarnation, witness, revocations. */
  readonly dataDirectory: string;
  /** SHA-256 of the root certificate: what signed messages name as their audience. */
  readonly audience: Uint8Array;
  readonly signingKey: KeyObject;
  /** X25519: opens what nodes encrypt on a medium. */
  readonly bundleKey: KeyObject;
  readonly now: () => Date;
  /** Rings the queue: there is something to apply for this unit. Losing the ring loses nothing. */
  readonly wakeApply: (agency: string) => Promise<void>;
  readonly log: Logger;
};

/** The unit behind the client certificate of the request, as the registry knew it just now. */
export type Caller = { readonly agency: string; readonly signingKeyPem: string };
