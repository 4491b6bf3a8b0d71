/** The demo step by step: enrol, import, synchronise, edit, synchronise again, mend, compare, verify. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import { compareSides, type Comparison } from '../constellation/compare.ts';
import {
  type Constellation,
  type Member,
  openConstellation,
} from '../constellation/constellation.ts';
import { emptyQueues } from '../constellation/empty-queues.ts';
import { loadPopulation } from '../constellation/load-population.ts';
import { withClient } from '../services/postgres-databases.ts';
import { compareWithPopulation } from './compare-with-population.ts';
import { columnsOf, progressBar } from './show.ts';
import { writePeopleCsv } from './workbook.ts';

export type DemoResult = {
  readonly ok: boolean;
  readonly nodes: readonly {
    readonly agency: string;
    readonly profiles: number;
    readonly batchesSent: number;
    readonly applied: number;
    readonly quarantined: number;
    readonly feedEntries: number;
    readonly mirrorEqualsHub: boolean;
    readonly hubEqualsNode: boolean;
  }[];
  readonly hub: { readonly profiles: number };
  readonly seconds: number;
};

export type DemoOptions = {
  readonly stack: AsyncDisposableStack;
  readonly say: (line: string) => void;
  readonly directory: string;
  readonly bars: boolean;
  readonly createDatabase: (name: string) => Promise<string>;
  readonly queueUrl: string | undefined;
  /** Empties every queue between any two steps. */
  readonly emptyQueues: boolean;
  /** Synthetic people at each of two nodes. */
  readonly people: number;
};

const workbook = 'test/fixtures/son-la.xlsx';

export type Told = {
  readonly result: DemoResult;
  readonly world: Constellation;
  readonly nodes: readonly Member[];
};

export async function tellStory(options: DemoOptions): Promise<Told> {
  const { say, stack, people } = options;
  const startedAt = performance.now();
  const today = hanoiDay(Date.now());
  stack.defer(() => rm(options.directory, { recursive: true, force: true }));
  const step = async <T>(title: string, act: () => Promise<T>): Promise<T> => {
    say(`\n▸ ${title}`);
    const result = await act();
    if (options.emptyQueues) await emptyQueues(databases, options.queueUrl);
    return result;
  };
  const databases: string[] = [];
  const createDatabase = async (name: string): Promise<string> => {
    const url = await options.createDatabase(name);
    databases.push(url);
    return url;
  };

  const world = await step('A hub with its certificate authority', async () =>
    stack.use(
      await openConstellation({
        directory: options.directory,
        createDatabase,
        ...(options.queueUrl === undefined ? {} : { queueUrl: options.queueUrl }),
      }),
    ),
  );
  say(`  nodes reach it at https://${world.hub.env['HUB_PUBLIC_ADDRESS']} (mutual TLS)`);

  const [sonLa, daNang, ministry] = await step(
    'Three units enrol: invitation → request → approval → certificate',
    async () => [
      await world.addNode('H52'),
      await world.addNode('H17'),
      await world.addNode('G09'),
    ],
  );
  const nodes: readonly Member[] = [sonLa, daNang, ministry];

  await step(`Sơn La imports ${workbook}`, async () => {
    const result = (await sonLa.run(['import', workbook, '--publish'])) as Record<string, number>;
    say(
      `  ${result['published']} people published, ${result['refused']} rows kept with their reasons`,
    );
  });
  await step(
    `Đà Nẵng and the Ministry of Home Affairs get ${people} synthetic people each`,
    async () => {
      for (const [seed, member] of [daNang, ministry].entries()) {
        await loadPopulation(member.databaseUrl, {
          seed: seed + 1,
          agency: member.agency,
          size: people,
          today,
        });
      }
    },
  );

  await step('First synchronisation', () => synchroniseAll(nodes, options));

  await step('Edits at each node', async () => {
    for (const [i, member] of [sonLa, daNang].entries()) {
      const path = join(options.directory, `${member.agency}.csv`);
      const plan = { agency: member.agency, seed: 77 + i, people: 5, today };
      const written = writePeopleCsv(path, plan);
      const result = (await member.run(['import', path, '--publish'])) as Record<string, number>;
      say(`  ${member.agency}: a CSV with ${written} people, ${result['published']} published`);
    }
    say(
      `  G09: ${await editBySql(ministry)} people changed by plain SQL, one with a code that no list has`,
    );
  });

  await step('Second synchronisation', () => synchroniseAll(nodes, options));

  await step('The hub held one record back; its verdict is at the node', async () => {
    const status = (await ministry.run(['status'])) as {
      verdicts: readonly { vi: string; en: string }[];
    };
    for (const verdict of status.verdicts) say(`  G09: ${verdict.vi}\n       ${verdict.en}`);
    if (status.verdicts.length !== 1) throw new Error('the verdict did not come back to the node');
  });
  await step('The ministry mends the record and synchronises', async () => {
    await mendBySql(ministry);
    await synchroniseAll([ministry], options);
  });
  await step('The hub compares Sơn La with the population database, a stand-in', () =>
    compareWithPopulation(world, sonLa, say),
  );
  await step('The others synchronise: the correction, and the national totals', () =>
    synchroniseAll([sonLa, daNang], options),
  );

  const result = await step('Verification', () => verifyAll(world, nodes, options));
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const ok = result.nodes.every((node) => node.hubEqualsNode && node.mirrorEqualsHub);
  show(say, { ...result, ok, seconds });
  return { result: { ok, ...result, seconds }, world, nodes };
}

/** Starts the nodes' own processes, so that there is something to look at; returns how to. */
export async function stayUp({ world, nodes }: Told): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const member of nodes) {
    const { address } = await member.serve(['serve', '--with-worker']);
    lines.push(`  ${member.agency}: ${address}/health`, `    ${settingsOf(member.env)}`);
  }
  return [
    '\nThe hub and the nodes stay up until you press Ctrl-C. To use their commands, set:',
    `  hub: npm run hub -- nodes`,
    `    ${settingsOf(world.hub.env)}`,
    ...lines,
  ];
}

const settingsOf = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map(([name, value]) => `${name}='${value}'`)
    .join(' ');

async function synchroniseAll(members: readonly Member[], options: DemoOptions): Promise<void> {
  for (const member of members) {
    const bar = progressBar(member.agency, options.bars);
    const result = (await member.run(['sync'], bar.line)) as Record<string, number>;
    bar.end(
      `${result['recordsSealed']} records in ${result['batchesSent']} batches, ` +
        `${result['feedEntries']} feed entries back, round trip proved`,
    );
  }
}

/** Some promotions, and one slip of the keyboard that only the hub can notice. */
async function editBySql(member: Member): Promise<number> {
  return withClient(member.databaseUrl, async (client) => {
    const { rowCount } = await client.query(`
      update profile.position set title = 'Chuyên viên chính', appointed_on = '2026-11-01'
      where record_id in (select record_id from profile.identity order by pin limit 20)`);
    await client.query(`
      update profile.identity set ethnic_group = '77'
      where pin = (select min(pin) from profile.identity)`);
    return rowCount ?? 0;
  });
}

async function mendBySql(member: Member): Promise<void> {
  await withClient(member.databaseUrl, (client) =>
    client.query("update profile.identity set ethnic_group = '01' where ethnic_group = '77'"),
  );
}

type Verified = Pick<DemoResult, 'nodes' | 'hub'>;

async function verifyAll(
  world: Constellation,
  nodes: readonly Member[],
  { say }: DemoOptions,
): Promise<Verified> {
  const rows = await withClient(world.hub.databaseUrl, async (client) => {
    const { rows: counts } = await client.query<{
      agency: string;
      applied: string;
      refused: string;
    }>(
      `select agency, sum(records_accepted) as applied, sum(records_refused) as refused
       from sync.inbox group by agency`,
    );
    return new Map(counts.map((row) => [row.agency, row]));
  });
  const verified: Verified['nodes'][number][] = [];
  for (const member of nodes) {
    const compared = await compareSides({
      agency: member.agency,
      hub: world.hub.databaseUrl,
      node: member.databaseUrl,
    });
    const digests = (await member.tryRun(['verify'])).json as Comparison | null;
    const archive = (await world.hub.run(['verify', member.agency])) as { batches: number };
    say(
      `  ${member.agency}: ${compared.rows} rows compared in SQL, ${archive.batches} archived batches checked`,
    );
    for (const name of compared.differing) say(`  ${member.agency}: ${name} DIFFERS`);
    const status = (await member.run(['status'])) as Record<string, number>;
    verified.push({
      agency: member.agency,
      profiles: Number(status['people']),
      batchesSent: Number(status['sealedBatches']),
      applied: Number(rows.get(member.agency)?.applied ?? 0),
      quarantined: Number(rows.get(member.agency)?.refused ?? 0),
      feedEntries: Number(status['feedCursor']),
      mirrorEqualsHub: compared.mirrorEqualsHub && digests?.mirrorEqualsHub === true,
      hubEqualsNode: compared.hubEqualsNode && digests?.hubEqualsNode === true,
    });
  }
  const hub = await withClient(world.hub.databaseUrl, async (client) => {
    const { rows: counts } = await client.query<{ people: number }>(
      'select count(*)::integer as people from national.identity',
    );
    return { profiles: counts[0]?.people ?? 0 };
  });
  return { nodes: verified, hub };
}

function show(say: (line: string) => void, result: DemoResult): void {
  const yes = (value: boolean): string => (value ? 'yes' : 'NO');
  const head = [
    'unit',
    'profiles',
    'batches',
    'applied',
    'held back',
    'feed',
    'hub = node',
    'mirror = hub',
  ];
  const rows = result.nodes.map((node) => [
    node.agency,
    String(node.profiles),
    String(node.batchesSent),
    String(node.applied),
    String(node.quarantined),
    String(node.feedEntries),
    yes(node.hubEqualsNode),
    yes(node.mirrorEqualsHub),
  ]);
  say('');
  for (const line of columnsOf([head, ...rows])) say(`  ${line}`);
  say(`\n  the hub holds ${result.hub.profiles} profiles; ${result.seconds} s`);
}
