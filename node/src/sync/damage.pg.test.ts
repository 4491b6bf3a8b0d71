/**
 * One real conversation of a node with its hub, every message of it taken as it travelled; then every
 * single bit flip and every truncation of each is given to the checks of its receiver. Nothing passes
 * but what is listed here with its reason.
 */
import { createPublicKey } from 'node:crypto';

import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { EnrolmentRequest } from '@lienthong/shared-schema/enrolment/request.ts';
import { enrolmentStatement } from '@lienthong/shared-schema/enrolment/statement.ts';
import { publicKeyToPem, sha256, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import {
  batchFrame,
  feedHeader,
  feedPage,
  helloRequest,
  pushReply,
  totalsFrame,
  verificationFrame,
} from '@lienthong/shared-schema/wire/messages.ts';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { HubError } from '../../../hub/src/errors.ts';
import { decideHello } from '../../../hub/src/protocol/hello.ts';
import { decideReceive } from '../../../hub/src/protocol/receive.ts';
import { judgeRequest } from '../../../hub/src/sync/enrol-node.ts';
import { checkBatch, readBatch } from '../../../hub/src/sync/receive-batch.ts';
import { readReport } from '../../../hub/src/sync/receive-totals.ts';
import { readVerification } from '../../../hub/src/sync/receive-verification.ts';
import { readHello } from '../../../hub/src/sync/say-hello.ts';
import { openScratch } from '../../../test/services/scratch.ts';
import { changedFields, everyDamage, readEveryDamage } from '../../../test/support/damage.ts';
import { putRecords, tree } from '../../../test/support/node-records.ts';
import { openPair, type Pair } from '../../../test/support/test-node.ts';
import { person } from '../../../test/support/test-records.ts';
import { sealAll } from '../../../test/support/whole-sync.ts';
import { NodeError } from '../errors.ts';
import { decodeAnswer } from '../link/decode-answer.ts';
import { prepareRequest } from '../pki/request.ts';
import { stepAfterPush } from '../protocol/push.ts';
import { checkArchived, fetchArchived } from './archive-batch.ts';
import { readTreeAnswer } from './ask-hub-tree.ts';
import { pullFeed, readFeedPage } from './pull-feed.ts';
import { checkReceipt, pushBatches, readProgress } from './push-batches.ts';
import { readTotalsReply, reportTotals } from './report-totals.ts';
import { readVerificationReply } from './report-verification.ts';
import { ensureHello, readHelloReply } from './say-hello.ts';
import { openRows } from './seal-rows.ts';
import { verifyState } from './verify.ts';

const isHubRefusal = (error: unknown): boolean => error instanceof HubError;
const isNodeRefusal = (error: unknown): boolean =>
  error instanceof NodeError && error.code === 'NODE_HUB_UNTRUSTED';

let pair: Pair;
/** What the node sent and what it got, by path; the last of each. */
const sent = new Map<string, Buffer>();
const got = new Map<string, Buffer>();

const ofPath = (side: ReadonlyMap<string, Buffer>, path: string): Buffer => {
  const bytes = side.get(path);
  if (bytes === undefined) throw new Error(`nothing of ${path} was heard`);
  return bytes;
};

/** Places and a second language, a career and a family: rows of every shape, sealed ones too. */
const more = {
  reward: [{ year: '2001' }, { year: '2010', grading: '1' }],
  salary: [{ step: '3' }],
  family_own: [{ relationship: '1', full_name: 'Người thân giả định', birth_year: '1950' }],
  health: [{ condition: '2', blood_group: 'AB' }],
};

beforeAll(async () => {
  pair = await openPair();
  const { link } = pair.node;
  const hear = (path: string, answer: Buffer): Buffer => {
    got.set(path, answer);
    return answer;
  };
  const node = {
    ...pair.node,
    link: {
      ...link,
      post: async (path: string, body: Uint8Array) => {
        sent.set(path, Buffer.from(body));
        return hear(path, await link.post(path, body));
      },
      get: async (path: string) => hear(path, await link.get(path)),
      openSendingWay: async () => {
        const way = await link.openSendingWay();
        return {
          post: (path: string, body: Uint8Array) => {
            sent.set(path, Buffer.from(body));
            const { handedOver, answer } = way.post(path, body);
            return { handedOver, answer: answer.then((bytes) => hear(path, bytes)) };
          },
          [Symbol.dispose]: () => way[Symbol.dispose](),
        };
      },
    },
  };
  await putRecords(node.database, [
    ...tree,
    person(16, '001080000016', { more }),
    // in a unit that is not there: the page has a verdict beside the records
    person(17, '001080000017', { unit: 'H52.99', more }),
    person(18, '001080000018'),
  ]);
  await sealAll(node);
  await ensureHello(node);
  await pushBatches(node);
  await pair.server.settled();
  await pullFeed(node);
  await reportTotals(node);
  await verifyState(node);
  // the hello of a second process, with a past: it shows a head and a token
  node.session.ready = false;
  await ensureHello(node);
});

afterAll(() => pair[Symbol.asyncDispose]());

const caller = (): { readonly agency: string; readonly signingKeyPem: string } => ({
  agency: 'H52',
  signingKeyPem: publicKeyToPem(createPublicKey(pair.node.signingKey)),
});

describe('at the hub', () => {
  test('I12: of a damaged batch nothing passes but the fence that is not signed, and that fences it', async () => {
    const whole = ofPath(sent, '/sync/v1/batches');
    const { frame, header, headerHash } = readBatch(whole);
    checkBatch(pair.hub, caller(), { frame, header, headerHash });
    const { cases, passed } = await readEveryDamage(
      whole,
      (bytes) => {
        const arrived = readBatch(bytes);
        checkBatch(pair.hub, caller(), arrived);
        return arrived;
      },
      isHubRefusal,
    );
    expect(cases).toBe(whole.length * 9);
    const fields = new Set<string>();
    for (const { at, value } of passed) {
      const changed = changedFields(frame, value.frame);
      for (const field of changed) fields.add(field);
      const decision = decideReceive(
        {
          incarnation: frame.hubIncarnation,
          epoch: frame.epoch,
          headSeq: 0n,
          headHash: new Uint8Array(0),
          waiting: 0,
          waitingMax: 200,
        },
        {
          incarnation: value.frame.hubIncarnation,
          epoch: value.frame.epoch,
          seq: value.header.seq,
          prevHash: value.header.prevHash,
          headerHash: value.headerHash,
        },
        undefined,
      );
      expect([at, decision.kind]).toEqual([at, 'fenced']);
    }
    expect([...fields].toSorted()).toEqual(['epoch', 'hubIncarnation']);
    // tags and values of incarnation and epoch: the first four bytes of the frame
    expect(new Set(passed.map(({ at }) => at.split('.')[0]))).toEqual(
      new Set(['0', '1', '2', '3']),
    );
    expect(frame.content.length).toBeGreaterThan(500);
  });

  test('of a damaged hello what is refused, what stops the unit and what decides nothing is known', async () => {
    const whole = ofPath(sent, '/sync/v1/hello');
    const request = readHello(caller(), whole);
    expect(request.headSeq).toBe(1n);
    const { hubIncarnation: incarnation } = request;
    const unit = { ...request, incarnation, epoch: 3n, helloNonce: null };
    const { cases, passed } = await readEveryDamage(
      whole,
      (bytes) => readHello(caller(), bytes),
      isHubRefusal,
    );
    expect(cases).toBe(whole.length * 9);
    // the rest is told and noted, or answered: nonce, clock, software, cursor, versions
    const deciding = new Set([
      'headHash',
      'headSeq',
      'hubIncarnation',
      'lineageToken',
      'receiptedSeq',
    ]);
    const welcome = new Set<string>();
    const refused = new Set<string>();
    for (const { value } of passed) {
      const changed = changedFields(request, value).filter((field) => deciding.has(field));
      const decision = decideHello(unit, value, undefined);
      if (decision.kind === 'refuse') refused.add(decision.relation);
      else welcome.add(value.headSeq > request.headSeq ? 'ahead' : changed.join('+'));
    }
    expect(refused).toEqual(new Set(['NODE_BEHIND', 'FORKED', 'CLONED', 'HUB_BEHIND']));
    // who agrees on the past or claims to be ahead, which batches have to prove, whatever else is
    // damaged then; and a node asks its own receipts and incarnation again when the answer comes
    expect([...welcome].toSorted()).toEqual([
      '',
      'ahead',
      'hubIncarnation',
      'hubIncarnation+receiptedSeq',
      'receiptedSeq',
    ]);
  });

  test('of a damaged report of totals nothing passes', async () => {
    const whole = ofPath(sent, '/sync/v1/totals');
    expect(readReport(pair.hub, caller(), whole).report.figures.length).toBeGreaterThan(5);
    const read = (bytes: Buffer): unknown => readReport(pair.hub, caller(), bytes);
    expect(await readEveryDamage(whole, read, isHubRefusal)).toEqual({
      cases: whole.length * 9,
      passed: [],
    });
  });

  test('of a damaged report of a verification nothing passes', async () => {
    const whole = ofPath(sent, '/sync/v1/verifications');
    const read = (bytes: Buffer): unknown => readVerification(pair.hub, caller(), bytes);
    expect(read(whole)).toMatchObject({ report: { agency: 'H52' } });
    expect(await readEveryDamage(whole, read, isHubRefusal)).toEqual({
      cases: whole.length * 9,
      passed: [],
    });
  });

  test('of a damaged request to enrol nothing passes', async () => {
    await using folder = await openScratch();
    const { keys, csrPem, signingPublicKeyPem } = await prepareRequest({
      directory: folder.path,
      agency: 'H52',
    });
    const statement = {
      token: 'ab'.repeat(32),
      agency: 'H52',
      signingRequest: csrPem,
      signingKey: signingPublicKeyPem,
    };
    const proof = signBytes(keys.signingKey, domains.enrolment, enrolmentStatement(statement));
    const signature = Buffer.from(proof).toString('base64');
    const whole = Buffer.from(JSON.stringify({ ...statement, signature }));
    const read = (bytes: Buffer): string => {
      const request: unknown = JSON.parse(bytes.toString());
      if (!Value.Check(EnrolmentRequest, request)) throw new HubError('HUB_UNREADABLE');
      return judgeRequest(request);
    };
    expect(read(whole)).toMatch(/^[0-9a-f]{32}$/u);
    const isRefusal = (error: unknown): boolean =>
      isHubRefusal(error) || error instanceof SyntaxError;
    expect(await readEveryDamage(whole, read, isRefusal)).toEqual({
      cases: whole.length * 9,
      passed: [],
    });
  });
});

describe('at the node', () => {
  test('of a damaged answer to a hello nothing passes', async () => {
    const whole = ofPath(got, '/sync/v1/hello');
    const { helloNonce } = helloRequest.decode(ofPath(sent, '/sync/v1/hello'));
    const read = (bytes: Buffer): unknown => readHelloReply(pair.node, bytes, helloNonce);
    expect(read(whole)).toMatchObject({ agency: 'H52' });
    expect(await readEveryDamage(whole, read, isNodeRefusal)).toEqual({
      cases: whole.length * 9,
      passed: [],
    });
  });

  test('I12: of a damaged answer to a batch a receipt passes only where what advises is damaged', async () => {
    const whole = ofPath(got, '/sync/v1/batches');
    const frame = batchFrame.decode(ofPath(sent, '/sync/v1/batches'));
    const batch = { seq: 1n, headerHash: sha256(frame.header) };
    const reply = pushReply.decode(whole);
    const read = (bytes: Buffer) => {
      const said = decodeAnswer(pushReply, bytes, 'answer');
      const step = stepAfterPush(said, true);
      if (step.kind === 'receipted') {
        checkReceipt(pair.node, batch, said);
        readProgress(pair.node, said.progress, said.progressSignature);
      }
      return { said, step: step.kind };
    };
    expect(read(whole).step).toBe('receipted');
    const { cases, passed } = await readEveryDamage(whole, read, isNodeRefusal);
    expect(cases).toBe(whole.length * 9);
    // the outcome is not signed: of what it can become by damage, nothing takes a receipt that is none
    const taken = passed.map(
      ({ value }) => `${value.step}: ${changedFields(reply, value.said).join('+')}`,
    );
    expect(new Set(taken)).toEqual(new Set(['hello-again: outcome', 'hub-behind: outcome']));
    expect(passed).toHaveLength(2);
  });

  test('of a damaged page of the feed nothing passes', async () => {
    const whole = ofPath(got, '/sync/v1/feed?after=0');
    const { hubIncarnation, toCursor } = feedHeader.decode(feedPage.decode(whole).header);
    const read = (bytes: Buffer): unknown =>
      readFeedPage(pair.node, bytes, { cursor: 0n, hubIncarnation });
    expect(await read(whole)).toMatchObject({ header: { toCursor } });
    expect(toCursor).toBeGreaterThan(3n);
    expect(await readEveryDamage(whole, read, isNodeRefusal)).toEqual({
      cases: whole.length * 9,
      passed: [],
    });
  });

  test('I12: of a damaged batch out of the archive nothing passes', async () => {
    const whole = await pair.node.link.get('/sync/v1/batches/1');
    const read = async (bytes: Buffer): Promise<bigint> => {
      const link = { ...pair.node.link, get: async () => bytes };
      const batch = await fetchArchived({ ...pair.node, link }, 1n);
      checkArchived(pair.node, batch, new Uint8Array(0));
      return batch.decoded.seq;
    };
    expect(await read(whole)).toBe(1n);
    expect(await readEveryDamage(whole, read, isNodeRefusal)).toEqual({
      cases: whole.length * 9,
      passed: [],
    });
  });

  test('of a damaged answer about the tree of digests nothing passes', async () => {
    const path = '/sync/v1/digest/tree';
    const whole = ofPath(got, path);
    const read = (bytes: Buffer): unknown => readTreeAnswer(pair.node, ofPath(sent, path), bytes);
    expect(read(whole)).toMatchObject({ agency: 'H52' });
    expect(await readEveryDamage(whole, read, isNodeRefusal)).toEqual({
      cases: whole.length * 9,
      passed: [],
    });
  });

  test('of a damaged answer to a verification nothing passes', async () => {
    const whole = ofPath(got, '/sync/v1/verifications');
    const { report } = verificationFrame.decode(ofPath(sent, '/sync/v1/verifications'));
    const read = (bytes: Buffer): unknown => readVerificationReply(pair.node, report, bytes);
    read(whole);
    expect(await readEveryDamage(whole, read, isNodeRefusal)).toEqual({
      cases: whole.length * 9,
      passed: [],
    });
  });

  test('of a damaged receipt for a report nothing passes', async () => {
    const whole = ofPath(got, '/sync/v1/totals');
    const { report } = totalsFrame.decode(ofPath(sent, '/sync/v1/totals'));
    const read = (bytes: Buffer): unknown => readTotalsReply(pair.node, report, bytes);
    read(whole);
    expect(await readEveryDamage(whole, read, isNodeRefusal)).toEqual({
      cases: whole.length * 9,
      passed: [],
    });
  });

  test('of a damaged payload of a sealed section nothing opens', async () => {
    const { rows } = await pair.node.database.pool.query<{ recordId: string; payload: string }>(
      `select record_id as "recordId", payload from national.sealed where section = $1`,
      [sectionNamed('health').tag],
    );
    const [sealed] = rows;
    if (sealed === undefined) throw new Error('nothing sealed came back');
    const open = (payload: string): Uint8Array | undefined =>
      openRows(pair.node, sectionNamed('health'), { ...sealed, payload });
    expect(open(sealed.payload)).toBeDefined();
    const damages = [...everyDamage(Buffer.from(sealed.payload))];
    expect(damages).toHaveLength(sealed.payload.length * 9);
    const opened = damages.filter(({ bytes }) => open(bytes.toString()) !== undefined);
    expect(opened.map(({ at }) => at)).toEqual([]);
  });
});
