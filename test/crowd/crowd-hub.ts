/**
 * A real hub process for many units: each is registered with a certificate and a signing key of its
 * own, as an approval leaves it. All have one TLS key: what tells them apart is the certificate.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  createSigningKeyPair,
  publicKeyToPem,
  sha256,
} from '@lienthong/shared-schema/runtime/signature.ts';

import { openAuthority } from '../../hub/src/pki/authority.ts';
import { openConstellation } from '../constellation/constellation.ts';
import { withClient } from '../services/postgres-databases.ts';
import { issueTestCertificate } from '../support/test-server.ts';
import { newNonce } from './light-unit.ts';

export type CrowdUnit = {
  readonly agency: string;
  readonly key: string;
  readonly cert: string;
  readonly signing: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly nonce: Buffer;
};

export type CrowdHub = AsyncDisposable & {
  readonly address: { readonly host: string; readonly port: number };
  readonly rootPem: string;
  readonly audience: Uint8Array;
  readonly signingKey: KeyObject;
  readonly databaseUrl: string;
  readonly units: readonly CrowdUnit[];
  /** The most memory that the process ever had, in bytes. */
  readonly peakBytes: () => number;
};

export async function openCrowdHub(options: {
  readonly directory: string;
  readonly agencies: readonly string[];
  readonly createDatabase: (name: string) => Promise<string>;
}): Promise<CrowdHub> {
  await using stack = new AsyncDisposableStack();
  const { directory } = options;
  const { hub } = stack.use(await openConstellation(options));
  const folder = join(directory, 'hub');
  const authority = await openAuthority(folder);
  const units = await Promise.all(
    options.agencies.map(async (agency) => {
      const issued = await issueTestCertificate(authority, agency);
      return { agency, ...issued, signing: createSigningKeyPair(), nonce: newNonce() };
    }),
  );
  await withClient(hub.databaseUrl, async (client) => {
    for (const { agency, fingerprint, cert, signing } of units) {
      await client.query(
        `insert into registry.unit (agency, name, status, signing_key, slot)
         values ($1, 'Crowd unit ' || $1, 'active', $2, '0 0 1 * * *')`,
        [agency, publicKeyToPem(signing.publicKey)],
      );
      await client.query(
        `insert into registry.certificate (fingerprint, agency, pem, not_after)
         values ($1, $2, $3, now() + interval '1 year')`,
        [fingerprint, agency, cert],
      );
    }
  });
  const rootPem = readFileSync(join(folder, 'ca.cert.pem'), 'utf8');
  const der = Buffer.from(rootPem.replaceAll(/-----[A-Z ]+-----|\s/gu, ''), 'base64');
  const [host = '', port = ''] = (hub.env['HUB_LISTEN'] ?? '').split(':');
  const open = stack.move();
  return {
    address: { host, port: Number(port) },
    rootPem,
    audience: sha256(der),
    signingKey: createPublicKey(readFileSync(join(folder, 'signing.key.pem'), 'utf8')),
    databaseUrl: hub.databaseUrl,
    units,
    peakBytes: () => {
      const status = readFileSync(`/proc/${hub.pid()}/status`, 'utf8');
      return Number(/^VmHWM:\s+([0-9]+) kB$/mu.exec(status)?.[1]) * 1024;
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
