/**
 * People judged by the chunk, so that what the node has of them comes in one query for many. Keeps
 * their order. Of each person it remembers the little that the rows of lists are judged by, where the
 * file has lists.
 */
import { employment, identity } from '@lienthong/shared-schema/catalogue/person.ts';
import { sectionsLookedAt } from '@lienthong/shared-schema/rules/check-record.ts';
import type { RuleContext } from '@lienthong/shared-schema/rules/rule.ts';

import {
  judgePerson,
  type PersonReading,
  type StoredPerson,
  type StoredSections,
} from './evaluate-person.ts';
import type { PersonItem } from './intake-item.ts';
import type { ListFacts } from './list-facts.ts';
import { type CarriedFields, carriedFields } from './sheet-plan.ts';

const chunkPeople = 500;

/** What the node has of the people with these PINs, by PIN, in these sections. */
export type StoredPeople = (
  pins: readonly string[],
  sections: ReadonlySet<string>,
) => Promise<ReadonlyMap<string, StoredPerson>>;

export type ChunkOptions = {
  readonly storedPeople: StoredPeople | undefined;
  /** Lists that the file brings. */
  readonly lists: ReadonlySet<string>;
  readonly listFacts?: ListFacts | undefined;
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

/** The sections of these facts. */
export const factSections: ReadonlySet<string> = new Set(facts.map(([section]) => section));

export function peopleInChunks({ storedPeople, lists, listFacts }: ChunkOptions): PeopleInChunks {
  let pending: { readonly reading: PersonReading; readonly context: RuleContext }[] = [];
  const remembered = new Map<string, StoredSections>();
  const judged = async (): Promise<readonly PersonItem[]> => {
    const chunk = pending;
    if (chunk.length === 0) return [];
    pending = [];
    const pins = chunk.flatMap(({ reading }) => reading.pin ?? []);
    const asked = sectionsAsked(chunk, { lists, listFacts });
    const known = pins.length === 0 ? undefined : await storedPeople?.(pins, asked);
    return chunk.map(({ reading, context }) => {
      const { plan, pin } = reading;
      const stored = known?.get(pin ?? '');
      // the first row of a number stands, and the lists speak of its person
      if (lists.size === 0 || pin === null || remembered.has(pin)) {
        return judgePerson(reading, { ...context, stored });
      }
      const person = judgePerson(reading, { ...context, listFacts, stored });
      remembered.set(pin, factsIn(person, carriedFields(plan), stored?.sections));
      return person;
    });
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

/**
 * The head and the roles are asked for in every row, and others by the rules that its sections meet. Of
 * a list that the file brings, the stored rows count for those alone of whom the file has none.
 */
function sectionsAsked(
  chunk: readonly { readonly reading: PersonReading }[],
  { lists, listFacts }: Pick<ChunkOptions, 'lists' | 'listFacts'>,
): ReadonlySet<string> {
  const plans = new Set(chunk.map(({ reading }) => reading.plan));
  const brought = Array.from(plans).flatMap((plan) => Object.keys(carriedFields(plan)));
  const needed = lists.size === 0 ? [] : factSections;
  const asked = [identity.name, employment.name, ...needed, ...sectionsLookedAt(brought)];
  return new Set(asked.filter((name) => !lists.has(name) || listFacts?.sections.has(name)));
}

/** What the row says, and of what it has no column for what is stored. */
function factsIn(
  { draft }: PersonItem,
  carries: CarriedFields,
  stored: StoredSections | undefined,
): StoredSections {
  return Object.fromEntries(
    facts.flatMap(([section, field]) => {
      const source = carries[section]?.includes(field) === true ? draft.sections : stored;
      const value = source?.[section]?.[0]?.[field];
      return value === undefined ? [] : [[section, [{ [field]: value }]]];
    }),
  );
}
