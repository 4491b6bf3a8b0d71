/** Who decides by a key: the key, and the person at the program where it says who. */
import { tidyText } from '@lienthong/shared-schema/text/fold.ts';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import { callerOf } from '../authenticate.ts';

const notBlank = '\\S';

/** Why somebody decides so. */
export const reasonText = Type.String({ minLength: 1, maxLength: 500, pattern: notBlank });

/** The member of a body in which a program says who its person is. */
export const byPerson = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 120,
    pattern: notBlank,
    description: 'who decides, at the program that asks',
  }),
);

/** As decisions name who made them. */
export function deciderOf(request: FastifyRequest, person: string | undefined): string {
  const { source } = callerOf(request);
  return person === undefined ? `source:${source}` : `source:${source} (${tidyText(person)})`;
}
