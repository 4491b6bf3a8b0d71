/**
 * A real hub process under what is made to eat its memory: bodies of the largest size of every kind, and
 * batches that are small, well signed and enormous. What its memory was at most is read from the kernel.
 */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { compress } from '@lienthong/shared-schema/runtime/compress.ts';
import { publicKeyId, sha256, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  batchContentBytesMax,
  batchRawBytesMax,
  frameOverheadBytesMax,
  totalsBytesMax,
} from '@lienthong/shared-schema/wire/limits.ts';
import {
  batchFrame,
  batchHeader,
  helloBody,
  helloReply,
  helloRequest,
  pushReply,
} from '@lienthong/shared-schema/wire/messages.ts';
import { expect, test } from 'vitest';

import { callHub, openHubLink } from '../../node/src/link/hub-link.ts';
import { clientTlsOptions, loadIdentity, type NodeIdentity } from '../../node/src/pki/identity.ts';
import { withClient } from '../services/postgres-databases.ts';
import { openScratch } from '../services/scratch.ts';
import { openTestConstellation } from '../support/test-constellation.ts';

const mb = 1024 * 1024;
/** Four bodies of 32 MB at once, a batch of 64 MB expanded, and the process itself. */
const growthMax = 700 * mb;
const bodyMax = batchContentBytesMax + frameOverheadBytesMax;

/** The most memory that the process ever had (`VmHWM`), in bytes. */
function peakOf(pid: number): number {
  const line = /^VmHWM:\s+([0-9]+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) * 1024;
}

type Unit = {
  readonly agency: string;
  readonly identity: NodeIdentity;
  readonly address: { readonly host: string; readonly port: number };
  readonly audience: Uint8Array;
};

/** Greets the hub and pushes one signed batch of whatever content. */
async function pushContent(unit: Unit, content: Buffer, rawBytes: number): Promise<string> {
  const { agency, identity, address, audience } = unit;
  using link = openHubLink(address, clientTlsOptions(identity));
  const reply = await link.post(
    '/sync/v1/hello',
    helloRequest.encode({
      protocol: 1,
      agency,
      helloNonce: Buffer.alloc(16, agency),
      lineageToken: Buffer.alloc(0),
      headSeq: 0n,
      headHash: Buffer.alloc(0),
      hubIncarnation: 0n,
      feedCursor: 0n,
      catalogueVersion: 1,
      software: 'test',
      clockMs: 0n,
      unsealed: 0n,
      bundleKey: new Uint8Array(0),
      receiptedSeq: 0n,
    }),
  );
  const { epoch, hubIncarnation } = helloBody.decode(helloReply.decode(reply).body);
  const header = batchHeader.encode({
    protocol: 1,
    audience,
    agency,
    signingKey: publicKeyId(createPublicKey(identity.signingKey)),
    seq: 1n,
    prevHash: Buffer.alloc(0),
    catalogueVersion: 1,
    codec: 'ZSTD',
    contentHash: sha256(content),
    contentBytes: BigInt(content.length),
    rawBytes: BigInt(rawBytes),
    recordCount: 0,
    sealedAtMs: 0n,
    policyVersion: 0n,
  });
  const signature = signBytes(identity.signingKey, domains.batch, header);
  const frame = batchFrame.encode({ hubIncarnation, epoch, header, signature, content });
  return pushReply.decode(await link.post('/sync/v1/batches', frame)).outcome;
}

test('I15: bodies of the largest size and batches that swell leave the memory of a real hub bounded', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openScratch());
  const { hub, addNode } = await openTestConstellation(stack, folder.path);
  const [host = '', port = ''] = (hub.env['HUB_LISTEN'] ?? '').split(':');
  const address = { host, port: Number(port) };
  const units: Unit[] = [];
  for (const agency of ['H52', 'H53']) {
    await addNode(agency);
    const identity = await loadIdentity(join(folder.path, agency));
    const root = readFileSync(join(folder.path, agency, 'root.cert.pem'), 'utf8');
    const der = Buffer.from(root.replaceAll(/-----[A-Z ]+-----|\s/gu, ''), 'base64');
    units.push({ agency, identity, address, audience: sha256(der) });
  }
  const [first, second] = units;
  if (first === undefined || second === undefined) throw new Error('two units are enrolled');
  const before = peakOf(hub.pid());

  const tls = clientTlsOptions(first.identity);
  const floods: readonly (readonly [string, Buffer])[] = [
    ['application/json', Buffer.alloc(bodyMax, '[')],
    ['application/json', Buffer.alloc(bodyMax, '[{},')],
    ['application/x-protobuf', Buffer.alloc(bodyMax, Buffer.from('7801', 'hex'))],
    ['application/x-protobuf', Buffer.alloc(bodyMax, Buffer.from('2a00', 'hex'))],
    ['application/x-protobuf', Buffer.alloc(bodyMax, 0xff)],
    ['text/plain', Buffer.alloc(bodyMax, 'x')],
  ];
  for (const [contentType, body] of floods) {
    const outgoing = { method: 'POST', path: '/sync/v1/batches', contentType, body } as const;
    // what is refused before it is read may end as a cut connection at this end
    const answers = await Promise.allSettled(
      Array.from({ length: 4 }, () => callHub(address, tls, outgoing)),
    );
    const statuses = answers.flatMap((one) =>
      one.status === 'fulfilled' ? [one.value.status] : [],
    );
    expect(statuses.filter((status) => status !== 400)).toEqual([]);
  }
  const figures = Buffer.alloc(totalsBytesMax, Buffer.from('3200', 'hex'));
  const report = { method: 'POST', path: '/sync/v1/totals', body: figures } as const;
  expect((await callHub(address, tls, report)).status).toBe(400);

  const emptyBlocks = Buffer.alloc(batchRawBytesMax, Buffer.from('0a00', 'hex'));
  const swelling = await compress(Buffer.alloc(8 * batchRawBytesMax));
  expect(await pushContent(first, await compress(emptyBlocks), batchRawBytesMax)).toBe('ACCEPTED');
  expect(await pushContent(second, swelling, 1_000)).toBe('ACCEPTED');
  const frozen = async (): Promise<readonly unknown[]> =>
    withClient(hub.databaseUrl, async (client) => {
      const { rows } = await client.query(
        `select frozen_reason as reason from registry.unit where status = 'frozen'`,
      );
      return rows;
    });
  const deadline = performance.now() + 60_000;
  while ((await frozen()).length < 2 && performance.now() < deadline) await sleep(200);
  const reason = 'UNREADABLE 1: the content is no batch';
  expect(await frozen()).toEqual([{ reason }, { reason }]);

  const health = await callHub(address, tls, { method: 'GET', path: '/health' });
  expect(health.body.toString()).toBe('{"status":"ok"}');
  expect(peakOf(hub.pid()) - before).toBeLessThan(growthMax);
});
