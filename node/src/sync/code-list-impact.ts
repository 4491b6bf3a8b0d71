/**
 * What the code lists in force mean for the records that are here: who holds a value that is closed or
 * unknown. After a new version the counts are logged and a task is kept, until nobody holds such a
 * value any more or somebody has acknowledged it.
 */
import { hanoiDay } from '@lienthong/shared-schema/text/hanoi-day.ts';

import {
  countHeldValues,
  countHolders,
  type HeldCount,
  type Holder,
  type HolderPlace,
  pageOfHolders,
} from '../db/code-holders.ts';
import { acknowledgeTask, type CodeListTask, openTasks, settleTasks } from '../db/code-lists.ts';
import { NodeError } from '../errors.ts';
import type { NodeContext } from './context.ts';

/** Holders on one page, where the caller does not say. */
export const holdersPage = 100;

export type Impact = {
  readonly counts: readonly HeldCount[];
  /** A page of the records; the rest follows under `next`. */
  readonly holders: readonly Holder[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
};

export type ImpactOptions = {
  /** Name of a list; undefined: all. */
  readonly list?: string | undefined;
  /** Where the page before ended. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
};

/** Throws NODE_CURSOR_INVALID where `after` is none that was given. */
export async function codeListImpact(
  { database, now }: Pick<NodeContext, 'database' | 'now'>,
  { list, after, limit = holdersPage }: ImpactOptions,
): Promise<Impact> {
  const today = hanoiDay(now().getTime());
  const options = { today, lists: list === undefined ? undefined : [list] };
  const from = after === undefined ? undefined : holderAt(after);
  const counts = await countHeldValues(database.db, options);
  const found = await pageOfHolders(database.db, { ...options, after: from, limit: limit + 1 });
  const holders = found.slice(0, limit);
  const last = holders.at(-1);
  const next = found.length > limit && last !== undefined ? cursorOf(last) : undefined;
  return { counts, holders, next };
}

const cursorOf = ({ recordId, section, field, code }: HolderPlace): string =>
  Buffer.from(JSON.stringify([recordId, section, field, code])).toString('base64url');

function holderAt(cursor: string): HolderPlace {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === 4) {
      const [recordId = '', section = '', field = '', code = ''] = parts.map(String);
      if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u.test(recordId)) {
        return { recordId, section, field, code };
      }
    }
  } catch (cause) {
    throw new NodeError('NODE_CURSOR_INVALID', { cause });
  }
  throw new NodeError('NODE_CURSOR_INVALID');
}

/**
 * Counts the holders of the open tasks anew, or of those only that were never counted; a task that
 * nobody is left of is done. Returns what is open afterwards.
 */
export async function settleCodeListTasks(
  { database, now, log }: Pick<NodeContext, 'database' | 'now' | 'log'>,
  which: 'open' | 'uncounted',
): Promise<readonly CodeListTask[]> {
  const { db } = database;
  const open = await openTasks(db);
  const due = open.filter((task) => which === 'open' || task.holders === null);
  if (due.length === 0) return open;
  const lists = due.map((task) => task.list);
  const found = await countHolders(db, { today: hanoiDay(now().getTime()), lists });
  const counts = due.map((task) => ({ ...task, records: found.get(task.list) ?? 0n }));
  await settleTasks(db, counts);
  for (const { list, version, holders, records } of counts) {
    if (holders === records) continue;
    const facts = { list, version, records: records.toString() };
    if (records > 0n) log.warn(facts, 'records hold codes that are closed or unknown');
    else log.info(facts, 'no record holds a code that is closed or unknown');
  }
  return openTasks(db);
}

/** Somebody has seen it: the task is not shown any more. Throws NODE_CODE_LIST_TASK_NONE. */
export async function acknowledgeCodeList(
  { database }: Pick<NodeContext, 'database'>,
  list: string,
  by: string,
): Promise<void> {
  if (!(await acknowledgeTask(database.db, list, by))) {
    throw new NodeError('NODE_CODE_LIST_TASK_NONE', { detail: list });
  }
}
