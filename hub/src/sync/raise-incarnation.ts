/**
 * The ceremony after a restore of the hub: the incarnation is raised in its file, then in the
 * database. From then on every node sends what this hub lost, and reads its feed anew. Interrupted in
 * between, the next start finishes it.
 */
import { previewUnits, type UnitPreview } from '../db/raise.ts';
import { replaceIncarnationFile } from '../outside/incarnation-file.ts';
import { type DatabaseMarks, judgeStart, raisedIncarnation } from '../protocol/restored.ts';
import type { HubContext } from './context.ts';
import { finishRaise, startFacts } from './hub-start.ts';

export type RaisePreview = {
  readonly from: bigint;
  readonly to: bigint;
  /** Why this looks like a restored database; undefined where nothing is known to be missing. */
  readonly restored: string | undefined;
  readonly checkpoint: DatabaseMarks['checkpoint'];
  readonly units: readonly (UnitPreview & {
    /** Batches that the witness had seen and the database lacks; more may be missing. */
    readonly missing: bigint;
  })[];
  /** Units that the witness had seen and the database lacks: they must enrol again. */
  readonly unitsMissing: readonly string[];
};

type Hub = Pick<HubContext, 'database' | 'dataDirectory' | 'incarnation' | 'log'>;

export async function previewRaise(hub: Hub): Promise<RaisePreview> {
  const facts = await startFacts(hub);
  const judgement = judgeStart(facts);
  const units = await previewUnits(hub.database.db);
  const seen = facts.witness?.units ?? [];
  return {
    from: facts.file,
    to: raisedIncarnation(facts),
    restored: judgement.kind === 'restored' ? judgement.why : undefined,
    checkpoint: facts.marks.checkpoint,
    units: units.map((unit) => {
      const then = seen.find((one) => one.agency === unit.agency)?.headSeq ?? 0n;
      return { ...unit, missing: then > unit.headSeq ? then - unit.headSeq : 0n };
    }),
    unitsMissing: seen
      .map((one) => one.agency)
      .filter((agency) => !units.some((unit) => unit.agency === agency)),
  };
}

/** Returns what the preview said, done. */
export async function raiseIncarnation(hub: Hub): Promise<RaisePreview> {
  const preview = await previewRaise(hub);
  await replaceIncarnationFile(hub.dataDirectory, preview.to);
  await finishRaise({ ...hub, incarnation: preview.to });
  return preview;
}
