/** The hub's files: keys, certificates and the incarnation number, all under one folder, mode 0700. */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createSealingKey } from '@lienthong/shared-schema/runtime/sealing.ts';
import {
  createSigningKeyPair,
  CredentialError,
  privateKeyToPem,
  readPrivateKey,
  readSigningKey,
  sha256,
  writeFileDurably,
  writeSecretFile,
  writeSigningKey,
} from '@lienthong/shared-schema/runtime/signature.ts';

import { HubError } from './errors.ts';
import { createIncarnationFile, readIncarnationFile } from './outside/incarnation-file.ts';
import {
  type Authority,
  createAuthority,
  issueServerCertificate,
  openAuthority,
  saveAuthority,
} from './pki/authority.ts';
import { createRsaKeyPair } from './pki/rsa-key.ts';

const signingKeyFile = 'signing.key.pem';
const bundleKeyFile = 'bundle.key.pem';
const serverKeyFile = 'server.key.pem';
const serverCertificateFile = 'server.cert.pem';
const renewDays = 30;
const dayMs = 86_400_000;

export type HubFiles = {
  readonly rootPem: string;
  /** SHA-256 of the root's DER: the audience of everything that is signed for this hub. */
  readonly audience: Buffer;
  readonly signingKey: KeyObject;
  /** X25519: opens the bundles of nodes. */
  readonly bundleKey: KeyObject;
  readonly incarnation: bigint;
  readonly serverKeyPem: string;
  readonly serverCertificatePem: string;
};

/** Creates what is missing; what exists stays. `hosts` are the names and addresses in the certificate. */
export async function createHubFiles(options: {
  readonly directory: string;
  readonly hosts: readonly string[];
  readonly now: Date;
}): Promise<void> {
  const { directory, now } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await orExisting(async () => {
    await saveAuthority(directory, await createAuthority({ now, commonName: 'Lien Thong Hub CA' }));
  });
  await orExisting(() =>
    writeSigningKey(join(directory, signingKeyFile), createSigningKeyPair().privateKey),
  );
  await orExisting(() =>
    writeSecretFile(join(directory, bundleKeyFile), privateKeyToPem(createSealingKey())),
  );
  await orExisting(async () => {
    const { privateKey } = await createRsaKeyPair();
    await writeSecretFile(join(directory, serverKeyFile), privateKeyToPem(privateKey));
  });
  await orExisting(() => createIncarnationFile(directory));
  await renewServerCertificate(await openAuthority(directory), options);
}

async function orExisting(create: () => Promise<void>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof CredentialError && error.fault === 'exists')) throw error;
  }
}

/** Issues the hub's own certificate anew where it is missing, ends soon or names other hosts. */
async function renewServerCertificate(
  authority: Authority,
  options: { readonly directory: string; readonly hosts: readonly string[]; readonly now: Date },
): Promise<void> {
  const path = join(options.directory, serverCertificateFile);
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present !== undefined && isGood(new X509Certificate(present), options)) return;
  const key = await readPrivateKey(join(options.directory, serverKeyFile));
  const issued = issueServerCertificate(authority, {
    names: [...options.hosts],
    publicKeyPem: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    now: options.now,
  });
  await writeFileDurably({ path, text: issued.certificatePem, mode: 0o644, replace: true });
}

function isGood(
  certificate: X509Certificate,
  options: { readonly hosts: readonly string[]; readonly now: Date },
): boolean {
  const daysLeft = (Date.parse(certificate.validTo) - options.now.getTime()) / dayMs;
  return (
    daysLeft > renewDays &&
    options.hosts.every(
      (host) =>
        certificate.checkHost(host) !== undefined || certificate.checkIP(host) !== undefined,
    )
  );
}

async function readBundleKey(path: string): Promise<KeyObject> {
  const key = await readPrivateKey(path);
  if (key.asymmetricKeyType === 'x25519') return key;
  throw new CredentialError('unusable', `${path} is no X25519 key: put the hub's own back.`);
}

/** Throws HUB_NOT_INITIALISED where `hub init` has not run with this folder. */
export async function openHubFiles(directory: string): Promise<HubFiles> {
  try {
    const rootPem = await readFile(join(directory, 'ca.cert.pem'), 'utf8');
    return {
      rootPem,
      audience: sha256(new X509Certificate(rootPem).raw),
      signingKey: await readSigningKey(join(directory, signingKeyFile)),
      bundleKey: await readBundleKey(join(directory, bundleKeyFile)),
      incarnation: await readIncarnationFile(directory),
      serverKeyPem: privateKeyToPem(await readPrivateKey(join(directory, serverKeyFile))),
      serverCertificatePem: await readFile(join(directory, serverCertificateFile), 'utf8'),
    };
  } catch (cause) {
    if (cause instanceof CredentialError && cause.fault !== 'missing') throw cause;
    throw new HubError('HUB_NOT_INITIALISED', { cause });
  }
}
