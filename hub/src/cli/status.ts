/** `nodes`, `status`, `verify`. */
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { policyKey } from '@lienthong/shared-schema/totals/published-figure.ts';
import type { Command } from 'commander';

import { readHubConfig } from '../config.ts';
import { forkEvidence } from '../db/status.ts';
import { listUnits } from '../db/units.ts';
import { lastVerifications, type LastVerification } from '../db/verifications.ts';
import { openHubContext } from '../hub.ts';
import type { LostPublication } from '../protocol/lost-publications.ts';
import { hubStatus } from '../sync/hub-status.ts';
import { verifyArchive } from '../sync/verify-archive.ts';
import { verifyDigests } from '../sync/verify-digests.ts';
import { frozenLines } from './frozen.ts';

export function statusCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  program
    .command('nodes')
    .description('list the units: status, heads, people, what is held back, last proof')
    .action(async () => {
      await using hub = await openHubContext(readHubConfig(env));
      const verified = await lastVerifications(hub.database.db);
      const units = (await listUnits(hub.database.db)).map((unit) => ({
        ...unit,
        lastVerification: verified.get(unit.agency) ?? null,
      }));
      const rows = units.map((unit) => [
        unit.agency,
        unit.status,
        unit.headSeq.toString(),
        unit.appliedSeq.toString(),
        unit.safeSeq.toString(),
        unit.people.toString(),
        unit.heldBack.toString(),
        unit.helloAt?.toISOString() ?? '-',
        unit.proofAt?.toISOString() ?? '-',
        verificationText(verified.get(unit.agency)),
        unit.name,
      ]);
      const head = [
        'AGENCY',
        'STATUS',
        'RECEIVED',
        'APPLIED',
        'SAFE',
        'PEOPLE',
        'HELD',
        'LAST HELLO',
        'LAST PROOF',
        'VERIFIED',
        'NAME',
      ];
      const evidence = await forkEvidence(hub.database.db);
      printAnswer(
        {
          json: { nodes: units, forkEvidence: evidence },
          lines: [...table([head, ...rows]), ...frozenLines(units, evidence)],
        },
        json(),
      );
    });

  program
    .command('status')
    .description('what waits, what is held back, which totals do not fit')
    .action(async () => {
      await using hub = await openHubContext(readHubConfig(env));
      const status = await hubStatus(hub);
      const { unreconciled, lostPublications, ...facts } = status;
      const { db } = hub.database;
      const frozen = frozenLines(await listUnits(db), await forkEvidence(db));
      const restored = hub.restored ?? null;
      const lines = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
      const faults = unreconciled.map(
        (one) => `totals of ${one.agency}: reported ${one.reported}, counted ${one.counted}`,
      );
      const alarm =
        restored === null
          ? []
          : [`HUB_RESTORED: ${restored}. Run: npm run hub -- incarnation raise --dry-run`];
      printAnswer(
        {
          json: { ...status, restored },
          lines: [...alarm, ...lines, ...faults, ...lostPublications.map(lostLine), ...frozen],
        },
        json(),
      );
    });

  program
    .command('verify')
    .argument('<agency>', 'agency whose archive is checked')
    .description(
      'check every archived batch of a unit: chain, hashes, signatures, receipts, counts',
    )
    .option('--deep', 'make all digests of the unit anew from the tables, and name what differs')
    .action(async (agency: string, options: { deep?: boolean }) => {
      await using hub = await openHubContext(readHubConfig(env));
      const result = await verifyArchive(hub, agency);
      const digests = options.deep === true ? await verifyDigests(hub, agency) : undefined;
      const faults = [
        ...result.faults.map((fault) => `batch ${fault.seq}: ${fault.reason}`),
        ...(digests?.named ?? []).map((recordId) => `${recordId}: changed behind the triggers`),
      ];
      const checked =
        digests === undefined
          ? []
          : [
              `${digests.records} records checked, ${digests.unmarked} changed behind the triggers.`,
            ];
      printAnswer(
        {
          json: digests === undefined ? result : { ...result, digests },
          lines: [
            ...faults,
            `${result.batches} batches checked, ${result.faults.length} faults.`,
            ...checked,
          ],
        },
        json(),
      );
      if (faults.length > 0) process.exitCode = exitCodes.failed;
    });
}

function lostLine({ name, here, agencies, taken }: LostPublication): string {
  const [what, command] =
    name === policyKey
      ? ['the policy', 'policy set FILE']
      : [`code list ${name}`, 'code-lists publish FILE'];
  return (
    `${what}: ${agencies.join(', ')} took version ${taken}, this hub has ${here} since it was restored. ` +
    `Publish it again: npm run hub -- ${command}`
  );
}

function verificationText(last: Omit<LastVerification, 'agency'> | undefined): string {
  if (last === undefined) return '-';
  const found = last.confirmed ? 'equal' : `${last.differing} differ`;
  return `${last.verifiedAt.toISOString()} ${found}`;
}
