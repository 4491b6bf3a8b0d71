import {
  createSigningKeyPair,
  publicKeyId,
  sha256,
  signBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { batchRawBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import {
  type BatchHeader,
  batchHeader,
  receiptBody,
} from '@lienthong/shared-schema/wire/messages.ts';
import { protocolVersion } from '@lienthong/shared-schema/wire/version.ts';
import { expect, test } from 'vitest';

import { checkArchived, type FetchedBatch } from './archive-batch.ts';

const former = createSigningKeyPair();
const present = createSigningKeyPair();
const hub = createSigningKeyPair();
const content = Buffer.from('content');
const prevHash = sha256(Buffer.from('before'));
const node = {
  agency: 'H52',
  audience: sha256(Buffer.from('root')),
  hubSigningKey: hub.publicKey,
  signingKey: present.privateKey,
};

/** A batch that fits, but for what is changed of its header. */
function archived(key: typeof former, change: Partial<BatchHeader> = {}): FetchedBatch {
  const decoded: BatchHeader = {
    protocol: protocolVersion,
    audience: node.audience,
    agency: node.agency,
    signingKey: publicKeyId(key.publicKey),
    seq: 4n,
    prevHash,
    catalogueVersion: 1,
    codec: 'ZSTD',
    contentHash: sha256(content),
    contentBytes: BigInt(content.length),
    rawBytes: BigInt(batchRawBytesMax),
    recordCount: 1,
    sealedAtMs: 1n,
    policyVersion: 0n,
    ...change,
  };
  const header = batchHeader.encode(decoded);
  const headerHash = sha256(header);
  const receipt = receiptBody.encode({
    hubIncarnation: 1n,
    agency: node.agency,
    epoch: 1n,
    seq: decoded.seq,
    headerHash,
    receivedAtMs: 1n,
  });
  return {
    header,
    headerHash,
    decoded,
    content,
    signature: signBytes(key.privateKey, domains.batch, header),
    receipt,
    receiptSignature: signBytes(hub.privateKey, domains.receipt, receipt),
  };
}

test.each([
  ['the present key', present],
  ['a former key', former],
])('a batch of the archive that was signed with %s is taken, and no other', (_, key) => {
  expect(() => checkArchived(node, archived(key), prevHash)).not.toThrow();
  const others: readonly Partial<BatchHeader>[] = [
    { agency: 'G09' },
    { audience: sha256(Buffer.from('another root')) },
    { prevHash: sha256(Buffer.from('another past')) },
    { contentHash: sha256(Buffer.from('other content')) },
    { contentBytes: BigInt(content.length + 1) },
    // it is expanded to as much as the header says
    { rawBytes: BigInt(batchRawBytesMax) + 1n },
  ];
  for (const change of others) {
    expect(() => checkArchived(node, archived(key, change), prevHash)).toThrow(
      expect.objectContaining({ code: 'NODE_HUB_UNTRUSTED' }),
    );
  }
});

test('a signature of the present key has to fit', () => {
  const forged = { ...archived(present), signature: archived(former).signature };
  expect(() => checkArchived(node, forged, prevHash)).toThrow(
    expect.objectContaining({ code: 'NODE_HUB_UNTRUSTED' }),
  );
});
