/** What to say of frozen units: why they are, what was kept, and what the operator does. */
import type { ForkEvidence } from '../db/status.ts';
import type { UnitOverview } from '../db/units.ts';

const reasons: ReadonlyMap<string, string> = new Map([
  ['CLONED', 'two machines with the same past have spoken'],
  ['FORKED', 'a machine came with another history than ours'],
]);

export function frozenLines(
  units: readonly Pick<UnitOverview, 'agency' | 'status' | 'frozenReason'>[],
  evidence: readonly ForkEvidence[],
): readonly string[] {
  return units
    .filter((unit) => unit.status === 'frozen')
    .flatMap(({ agency, frozenReason }) => {
      const why = reasons.get(frozenReason ?? '') ?? frozenReason ?? 'unknown';
      const kept = evidence.find((one) => one.agency === agency);
      return [
        `${agency} is frozen: ${why}.`,
        ...(kept === undefined
          ? []
          : [
              `  ${kept.batches} other batches from number ${kept.seq} on are kept in sync.fork_evidence, ` +
                `the last of ${kept.receivedAt.toISOString()}.`,
            ]),
        `  Find out which machine is the right one, stop the other, then: npm run hub -- release ${agency}`,
        '  A machine that lost, or was restored, and is to go on: there npm run node -- rejoin',
      ];
    });
}
