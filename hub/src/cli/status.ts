/** `nodes`, `status`, `verify`. */
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import type { Command } from 'commander';

import { readHubConfig } from '../config.ts';
import { listUnits } from '../db/units.ts';
import { openHubContext } from '../hub.ts';
import { hubStatus } from '../sync/hub-status.ts';
import { verifyArchive } from '../sync/verify-archive.ts';

export function statusCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  program
    .command('nodes')
    .description('list the units: status, heads, people, what is held back, last proof')
    .action(async () => {
      await using hub = await openHubContext(readHubConfig(env));
      const units = await listUnits(hub.database.db);
      const rows = units.map((unit) => [
        unit.agency,
        unit.status,
        unit.headSeq.toString(),
        unit.appliedSeq.toString(),
        unit.people.toString(),
        unit.heldBack.toString(),
        unit.helloAt?.toISOString() ?? '-',
        unit.proofAt?.toISOString() ?? '-',
        unit.name,
      ]);
      const head = [
        'AGENCY',
        'STATUS',
        'RECEIVED',
        'APPLIED',
        'PEOPLE',
        'HELD',
        'LAST HELLO',
        'NAME',
      ];
      printAnswer({ json: { nodes: units }, lines: table([head, ...rows]) }, json());
    });

  program
    .command('status')
    .description('what waits, what is held back, which totals do not fit')
    .action(async () => {
      await using hub = await openHubContext(readHubConfig(env));
      const status = await hubStatus(hub);
      const { unreconciled, ...facts } = status;
      const lines = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
      const faults = unreconciled.map(
        (one) => `totals of ${one.agency}: reported ${one.reported}, counted ${one.counted}`,
      );
      printAnswer({ json: status, lines: [...lines, ...faults] }, json());
    });

  program
    .command('verify')
    .argument('<agency>', 'agency whose archive is checked')
    .description(
      'check every archived batch of a unit: chain, hashes, signatures, receipts, counts',
    )
    .action(async (agency: string) => {
      await using hub = await openHubContext(readHubConfig(env));
      const result = await verifyArchive(hub, agency);
      const faults = result.faults.map((fault) => `batch ${fault.seq}: ${fault.reason}`);
      printAnswer(
        {
          json: result,
          lines: [...faults, `${result.batches} batches checked, ${faults.length} faults.`],
        },
        json(),
      );
      if (faults.length > 0) process.exitCode = exitCodes.failed;
    });
}
