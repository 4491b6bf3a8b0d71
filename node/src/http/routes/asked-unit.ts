/** The unit that a question is about: it and all below it. */
import { isWithinAgency } from '@lienthong/shared-schema/rules/unit-rules.ts';
import { unitCodePattern } from '@lienthong/shared-schema/rules/value-shapes.ts';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import { NodeError } from '../../errors.ts';
import { callerOf } from '../authenticate.ts';

export const unitCode = Type.String({ pattern: unitCodePattern, maxLength: 35 });

/** Absent: all that the key is for. Throws NODE_UNIT_OUTSIDE for a unit that the key is not for. */
export function askedUnit(request: FastifyRequest, unit: string | undefined): string | undefined {
  const { unit: own } = callerOf(request);
  if (own === null) return unit;
  if (unit !== undefined && !isWithinAgency(unit, own)) {
    throw new NodeError('NODE_UNIT_OUTSIDE', { detail: own });
  }
  return unit ?? own;
}
