import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import { expect, test } from 'vitest';

import { TrustError } from '../pki/trust.ts';
import { explain } from './explain.ts';

test('a hub that does not answer an enrolment is unreachable, one that shows another root is refused', () => {
  expect(explain(new TrustError('unreachable', 'No hub answers.'))).toEqual({
    code: exitCodes.unreachable,
    text: 'No hub answers.',
  });
  for (const fault of ['no-root', 'fingerprint-differs', 'not-verified'] as const)
    expect(explain(new TrustError(fault, 'Nothing was sent.')).code).toBe(exitCodes.refused);
});
