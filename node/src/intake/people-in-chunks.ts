/**
 * People judged by the chunk, so that what the node has of them comes in one query for many. Keeps
 * their order. Of each person it remembers the little that the rows of lists are judged by, where the
 * file has lists.
 */
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { sectionsLookedAt } from '@lienthong/shared-schema/rules/check-record.ts';
import type { RuleContext } from '@lienthong/shared-schema/rules/rule.ts';

import { judgePerson, type PersonReading, type StoredSections } from './evaluate-person.ts';
import type { PersonItem } from './intake-item.ts';
import { carriedFields } from './sheet-plan.ts';

const chunkPeople = 500;

/** What the node has of the people with these PINs, by PIN, in these sections. */
export type StoredPeople = (
  pins: readonly string[],
  sections: ReadonlySet<string>,
) => Promise<ReadonlyMap<string, StoredSections>>;

export type ChunkOptions = {
  readonly storedPeople: StoredPeople | undefined;
  /** Lists that the file brings: the stored ones are about to be replaced, and say nothing. */
  readonly lists: ReadonlySet<string>;
};

export type PeopleInChunks = {
  /** The people of a chunk when it is full, else none. */
  add(reading: PersonReading, context: RuleContext): Promise<readonly PersonItem[]>;
  /** The people of the last chunk. */
  rest(): Promise<readonly PersonItem[]>;
  /** The facts about a person that rows of lists are judged by. */
  factsOf(pin: string): StoredSections | undefined;
};

const facts = [
  ['identity', 'birth_date'],
  ['employment', 'object_class'],
  ['recruitment', 'first_recruited_on'],
] as const;

export function peopleInChunks({ storedPeople, lists }: ChunkOptions): PeopleInChunks {
  let pending: { readonly reading: PersonReading; readonly context: RuleContext }[] = [];
  const remembered = new Map<string, StoredSections>();
  const judged = async (): Promise<readonly PersonItem[]> => {
    const chunk = pending;
    pending = [];
    const pins = chunk.flatMap(({ reading }) => reading.pin ?? []);
    const asked = sectionsAsked(chunk, lists);
    const known = pins.length === 0 ? undefined : await storedPeople?.(pins, asked);
    const people = chunk.map(({ reading, context }) =>
      judgePerson(reading, { ...context, stored: known?.get(reading.pin ?? '') }),
    );
    if (lists.size > 0) {
      for (const { pin, draft } of people) {
        // the first row of a number stands
        if (pin !== null && !remembered.has(pin)) remembered.set(pin, factsIn(draft));
      }
    }
    return people;
  };
  return {
    add: async (reading, context) => {
      pending.push({ reading, context });
      return pending.length < chunkPeople ? [] : await judged();
    },
    rest: judged,
    factsOf: (pin) => remembered.get(pin),
  };
}

/** The head and the roles are asked for in every row, and others by the rules that its sections meet. */
function sectionsAsked(
  chunk: readonly { readonly reading: PersonReading }[],
  lists: ReadonlySet<string>,
): ReadonlySet<string> {
  const plans = new Set(chunk.map(({ reading }) => reading.plan));
  const brought = Array.from(plans).flatMap((plan) => Object.keys(carriedFields(plan)));
  const asked = [identity.name, employment.name, ...sectionsLookedAt(brought)];
  return new Set(asked.filter((name) => !lists.has(name)));
}

function factsIn({ sections }: PersonItem['draft']): StoredSections {
  return Object.fromEntries(
    facts.flatMap(([section, field]) => {
      const value = sections[section]?.[0]?.[field];
      return value === undefined ? [] : [[section, [{ [field]: value }]]];
    }),
  );
}
