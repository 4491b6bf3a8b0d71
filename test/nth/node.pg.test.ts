import { env } from 'node:process';

import { afterAll, test } from 'vitest';

import type { Row } from './every-point.ts';
import { greet } from './node/hello.ts';
import { importWhole, publish } from './node/import.ts';
import { pull } from './node/pull.ts';
import { push } from './node/push.ts';
import { takeOver } from './node/rejoin.ts';
import { meetRestored } from './node/restored-hub.ts';
import { seal } from './node/seal.ts';
import { report } from './node/totals.ts';
import { verify } from './node/verify.ts';
import { showTable } from './table.ts';

const how = env['NTH'] === 'every' ? 'every' : 'one';
const rows: Row[] = [];

afterAll(() => showTable('node', how, rows));

test.each([
  ['greet the hub', greet],
  ['seal a batch', seal],
  ['push two batches', push],
  ['apply a page of the feed', pull],
  ['report the totals', report],
  ['publish an import', publish],
  ['import a file', importWhole],
  ['meet a restored hub', meetRestored],
  ['rejoin', takeOver],
  ['verify', verify],
])(
  'to %s, and fail at any point of it, is to have done it or not',
  { timeout: 600_000 },
  async (_, run) => {
    rows.push(await run(how));
  },
);
