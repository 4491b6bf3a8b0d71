/**
 * Nodes for tests: a migrated database of their own, real keys, a certificate of the test hub, and
 * one or more processes' worth of contexts that speak with the hub over mutual TLS on loopback.
 */

import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject } from 'node:crypto';

import { openDatabase } from '@lienthong/shared-schema/runtime/database.ts';
import { logTo } from '@lienthong/shared-schema/runtime/log.ts';
import { createSealingKey } from '@lienthong/shared-schema/runtime/sealing.ts';
import { publicKeyToPem } from '@lienthong/shared-schema/runtime/signature.ts';

import { issueNodeCertificate } from '../../hub/src/pki/authority.ts';
import { claimDatabase, recordHub } from '../../node/src/db/link.ts';
import { openHubLink } from '../../node/src/link/hub-link.ts';
import { migrateNode } from '../../node/src/node.ts';
import {
  clientTlsOptions,
  loadIdentity,
  type NodeIdentity,
  saveIdentity,
} from '../../node/src/pki/identity.ts';
import { prepareRequest } from '../../node/src/pki/request.ts';
import type { EnrolledNode } from '../../node/src/sync/context.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { handOn } from './handed-on.ts';
import { type HubServer, openHubServer } from './hub-server.ts';
import { preparedFolder } from './prepared-folder.ts';
import type { TestHub } from './test-hub.ts';

export type TestNode = AsyncDisposable &
  EnrolledNode & {
    readonly url: string;
    /** `node.now()` answers this. */
    readonly clock: { now: Date };
    /** Every line logged so far. */
    readonly logged: () => string;
  };

/** Where a node's data lies; outlives the processes that open it. */
export type NodePlace = TestDatabase & { readonly agency: string };

const databases = handOn('node', async (url) => {
  await using database = openDatabase(url, { max: 2, applicationName: 'template' });
  await migrateNode(database);
});

/** A node's database, without data or a copy of one that nobody has open just now. */
export async function openNodePlace(
  agency: string,
  options: { readonly copyOf?: NodePlace } = {},
): Promise<NodePlace> {
  const { copyOf } = options;
  if (copyOf === undefined) return { ...(await databases.take()), agency };
  const copy = await openTestDatabase({ template: new URL(copyOf.url).pathname.replace('/', '') });
  return { url: copy.url, agency, [Symbol.asyncDispose]: () => databases.give(copy) };
}

const identities = new Map<string, Promise<NodeIdentity>>();

/** Making keys takes longer than most tests: the nodes of one agency share theirs in a whole run. */
function identityOf(hub: TestHub, agency: string): Promise<NodeIdentity> {
  const known = identities.get(agency);
  if (known !== undefined) return known;
  const made = openIdentity(hub, agency);
  identities.set(agency, made);
  return made;
}

async function openIdentity(hub: TestHub, agency: string): Promise<NodeIdentity> {
  const folder = await preparedFolder(`node-${agency}`, async (directory) => {
    const { csrPem } = await prepareRequest({ directory, agency });
    const issued = issueNodeCertificate(hub.authority, { agency, csrPem, now: new Date() });
    assert.equal(issued.kind, 'issued');
    await saveIdentity({
      directory,
      certificatePem: issued.certificate.certificatePem,
      rootPem: hub.files.rootPem,
    });
  });
  return await loadIdentity(folder);
}

const sealingKeys = new Map<string, KeyObject>();

/** A unit keeps its key: another process of it opens what the first one sealed. */
function sealingKeyOf(agency: string): KeyObject {
  const key = sealingKeys.get(agency) ?? createSealingKey();
  sealingKeys.set(agency, key);
  return key;
}

/** What an operator's approval leaves in the registry. */
async function register(hub: TestHub, identity: NodeIdentity): Promise<void> {
  const { pool } = hub.database;
  const signingKey = publicKeyToPem(createPublicKey(identity.signingKey));
  await pool.query(
    `insert into registry.unit (agency, name, status, signing_key, slot)
     values ($1, 'Test unit ' || $1, 'active', $2, '0 0 1 * * *') on conflict do nothing`,
    [identity.agency, signingKey],
  );
  await pool.query(
    `insert into registry.certificate (fingerprint, agency, pem, not_after)
     values ($1, $2, $3, $4) on conflict do nothing`,
    [identity.fingerprint, identity.agency, identity.certificatePem, identity.notAfter],
  );
}

/** One process of the node: connections of its own, a session of its own. `port`: another way in. */
export async function startNode(
  server: Pick<HubServer, 'hub' | 'port'>,
  place: NodePlace,
  options: { readonly port?: number } = {},
): Promise<TestNode> {
  const { hub } = server;
  const identity = await identityOf(hub, place.agency);
  await register(hub, identity);
  const address = { host: '127.0.0.1', port: options.port ?? server.port };
  const database = openDatabase(place.url, { max: 10, applicationName: 'test node' });
  await claimDatabase(database.db, place.agency);
  const hubKey = createPublicKey(hub.signingKey);
  await recordHub(database.db, {
    address: `${address.host}:${address.port}`,
    audience: hub.audience,
    signingKey: publicKeyToPem(hubKey),
  });
  const link = openHubLink(address, clientTlsOptions(identity));
  const clock = { now: new Date() };
  const lines: string[] = [];
  return {
    url: place.url,
    clock,
    logged: () => lines.join(''),
    database,
    agency: place.agency,
    now: () => clock.now,
    log: logTo({ write: (line) => void lines.push(line) }, 'node', 'debug'),
    link,
    signingKey: identity.signingKey,
    sealingKey: sealingKeyOf(place.agency),
    hubSigningKey: hubKey,
    audience: hub.audience,
    session: { ready: false },
    async [Symbol.asyncDispose]() {
      link[Symbol.dispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

export type Pair = AsyncDisposable & {
  readonly hub: TestHub;
  readonly server: HubServer;
  readonly place: NodePlace;
  readonly node: TestNode;
};

/** A hub and one enrolled node of it, H52 unless told otherwise. */
export async function openPair(
  options: Parameters<typeof openHubServer>[0] & { readonly agency?: string } = {},
): Promise<Pair> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await openHubServer(options));
  const place = stack.use(await openNodePlace(options.agency ?? 'H52'));
  const node = stack.use(await startNode(server, place));
  const open = stack.move();
  return {
    hub: server.hub,
    server,
    place,
    node,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
