import { env } from 'node:process';

import { afterAll, test } from 'vitest';

import type { Row } from './every-point.ts';
import { acceptBatch } from './hub/accept.ts';
import { applyBatch } from './hub/apply.ts';
import { makeDaily } from './hub/checkpoint.ts';
import { publishList } from './hub/code-list.ts';
import { digests, resend } from './hub/digests.ts';
import { approve, ask, revoke } from './hub/enrolment.ts';
import { answerHello } from './hub/hello.ts';
import { narrow } from './hub/policy.ts';
import { raise } from './hub/raise.ts';
import { readArchiveAgain } from './hub/read-again.ts';
import { safe } from './hub/safe.ts';
import { servePage } from './hub/serve-feed.ts';
import { publishSums, receiveReport } from './hub/totals.ts';
import { showTable } from './table.ts';

const how = env['NTH'] === 'every' ? 'every' : 'one';
const rows: Row[] = [];

afterAll(() => showTable('hub', how, rows));

test.each([
  ['accept a batch', acceptBatch],
  ['apply a batch', applyBatch],
  ['read the archive again', readArchiveAgain],
  ['serve a page of the feed', servePage],
  ['answer a hello', answerHello],
  ['receive a report of totals', receiveReport],
  ['publish the totals', publishSums],
  ['make a checkpoint', makeDaily],
  ['set the policy', narrow],
  ['publish a code list', publishList],
  ['take an enrolment request', ask],
  ['approve an enrolment', approve],
  ['revoke a unit', revoke],
  ['raise the incarnation', raise],
  ['mark as safe', safe],
  ['bring digests up to date', digests],
  ['put records on the feed again', resend],
])(
  'to %s, and fail at any point of it, is to have done it or not',
  { timeout: 600_000 },
  async (_, run) => {
    rows.push(await run(how));
  },
);
