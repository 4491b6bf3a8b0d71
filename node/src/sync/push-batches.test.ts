/** What the hub signs counts for this node alone, and for just these bytes. */
import { createSigningKeyPair, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  progressBody,
  type ProgressBody,
  receiptBody,
  type ReceiptBody,
} from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { checkReceipt, readProgress } from './push-batches.ts';

const hub = createSigningKeyPair();
const node = { agency: 'H52', hubSigningKey: hub.publicKey };
const batch = { seq: 4n, headerHash: Buffer.alloc(32, 4) };
const untrusted = expect.objectContaining({ code: 'NODE_HUB_UNTRUSTED' });

function receiptWith(change: Partial<ReceiptBody>, domain: string = domains.receipt) {
  const receipt = receiptBody.encode({
    hubIncarnation: 1n,
    agency: 'H52',
    epoch: 1n,
    ...batch,
    receivedAtMs: 1n,
    ...change,
  });
  return { receipt, receiptSignature: signBytes(hub.privateKey, domain, receipt) };
}

test('a receipt of another unit, number or batch, or signed as something else, is none', () => {
  expect(() => checkReceipt(node, batch, receiptWith({}))).not.toThrow();
  for (const other of [
    receiptWith({ agency: 'H53' }),
    receiptWith({ seq: 5n }),
    receiptWith({ headerHash: Buffer.alloc(32, 5) }),
    receiptWith({}, domains.progress),
  ]) {
    expect(() => checkReceipt(node, batch, other)).toThrow(untrusted);
  }
});

test('a progress of another unit, or signed as something else, is not believed', () => {
  const said: ProgressBody = {
    hubIncarnation: 1n,
    agency: 'H52',
    receivedSeq: 4n,
    appliedSeq: 3n,
    safeSeq: 2n,
  };
  const read = (body: ProgressBody, domain: string = domains.progress): ProgressBody => {
    const bytes = progressBody.encode(body);
    return readProgress(node, bytes, signBytes(hub.privateKey, domain, bytes));
  };
  expect(read(said)).toEqual(said);
  expect(() => read({ ...said, agency: 'H53' })).toThrow(untrusted);
  expect(() => read(said, domains.receipt)).toThrow(untrusted);
});
