import type { Database } from '@lienthong/shared-schema/runtime/database.ts';
import { expect, test } from 'vitest';

import { heldFaults, openTestHub, type TestHub } from '../../../test/support/test-hub.ts';
import { orgUnit, person, pinOf, type TestRecord } from '../../../test/support/test-records.ts';
import { enrolTestUnit, type TestUnit } from '../../../test/support/test-unit.ts';

/** Counts the statements of all connections of the pool from now on. */
function countStatements({ pool }: Database): () => number {
  let count = 0;
  const counting = new WeakSet();
  pool.on('acquire', (client) => {
    if (counting.has(client)) return;
    counting.add(client);
    const ask: (...values: never[]) => unknown = client.query.bind(client);
    Object.assign(client, {
      query: (...values: never[]): unknown => {
        count += 1;
        return ask(...values);
      },
    });
  });
  return () => count;
}

/** What applying the records took in statements, and how many of them were held back. */
async function cost(
  { hub, count }: { readonly hub: TestHub; readonly count: () => number },
  unit: TestUnit,
  records: readonly TestRecord[],
) {
  const before = count();
  await unit.send(records);
  return {
    statements: count() - before,
    held: Object.keys(await heldFaults(hub, unit.agency)).length,
  };
}

test('I15: a refusal that leads to others takes no more statements for a long chain than for a short one', async () => {
  await using hub = await openTestHub();
  const count = countStatements(hub.database);
  const holder = await enrolTestUnit(hub, 'H60');
  const foreign = pinOf(900_000);
  await holder.send([orgUnit(800_000, 'H60'), person(900_000, foreign, { unit: 'H60' })]);
  const costs = [];
  for (const [agency, length] of [
    ['H52', 10],
    ['H53', 100],
  ] as const) {
    const unit = await enrolTestUnit(hub, agency);
    const base = length * 1_000;
    const numbers = Array.from({ length }, (_, i) => i);
    await unit.send([
      orgUnit(base, agency),
      ...numbers.map((i) => person(base + 500 + i, pinOf(base + i), { unit: agency })),
    ]);
    // each below the next one, and the last below nothing
    const tree = numbers.map((i) =>
      orgUnit(base + 1 + i, `${agency}.${i}`, { parent: `${agency}.${i + 1}` }),
    );
    // each takes the number of the next one, and the last one that of somebody else
    const people = numbers.map((i) =>
      person(base + 500 + i, i + 1 < length ? pinOf(base + i + 1) : foreign, {
        unit: agency,
        version: 2,
      }),
    );
    costs.push({
      tree: await cost({ hub, count }, unit, tree),
      both: await cost({ hub, count }, unit, people),
    });
  }
  const [short, long] = costs;
  expect([short?.tree.held, short?.both.held, long?.tree.held, long?.both.held]).toEqual([
    10, 20, 100, 200,
  ]);
  expect(long?.tree.statements).toBe(short?.tree.statements);
  expect(long?.both.statements).toBe(short?.both.statements);
});
