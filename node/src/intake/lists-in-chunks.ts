/**
 * Rows of lists judged by the chunk, so that what the node has of people whom the file only names in its
 * lists comes in one query for many. Keeps their order.
 */
import type { RuleContext } from '@lienthong/shared-schema/rules/rule.ts';

import { judgeListRow, type ListReading } from './evaluate-list-row.ts';
import type { StoredSections } from './evaluate-person.ts';
import type { ListItem } from './intake-item.ts';
import { newListRun } from './list-run.ts';
import { factSections, type StoredPeople } from './people-in-chunks.ts';

const chunkRows = 500;

export type ListsOptions = {
  readonly storedPeople: StoredPeople | undefined;
  /** Whether the file has a row of a person with this PIN. */
  readonly isInFile: (pin: string) => boolean;
  /** What is known of the people of the file. */
  readonly factsOf: (pin: string) => StoredSections | undefined;
};

export type ListsInChunks = {
  /** The rows of a chunk when it is full, else none. */
  add(reading: ListReading, context: RuleContext): Promise<readonly ListItem[]>;
  /** The rows of the last chunk. */
  rest(): Promise<readonly ListItem[]>;
};

export function listsInChunks({ storedPeople, isInFile, factsOf }: ListsOptions): ListsInChunks {
  let pending: { readonly reading: ListReading; readonly context: RuleContext }[] = [];
  const run = newListRun();
  const judged = async (): Promise<readonly ListItem[]> => {
    const chunk = pending;
    pending = [];
    const others = new Set(
      chunk.flatMap(({ reading: { pin } }) => (pin === null || isInFile(pin) ? [] : [pin])),
    );
    const stored =
      others.size === 0 ? undefined : await storedPeople?.(Array.from(others), factSections);
    return chunk.map(({ reading, context }) => {
      const { plan, pin } = reading;
      const item = judgeListRow(reading, {
        ...context,
        isKnown: pin !== null && (isInFile(pin) || stored?.has(pin) === true),
        facts: pin === null ? undefined : (factsOf(pin) ?? stored?.get(pin)?.sections),
        before: run.before(plan.section.name, pin),
      });
      run.add(item);
      return item;
    });
  };
  return {
    add: async (reading, context) => {
      pending.push({ reading, context });
      return pending.length < chunkRows ? [] : await judged();
    },
    rest: judged,
  };
}
