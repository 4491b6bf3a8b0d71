/** Which exit code and which words an error of the node ends a command with. */
import { exitCodes } from '@lienthong/shared-schema/runtime/exit-codes.ts';
import { explainError, type Explanation } from '@lienthong/shared-schema/runtime/explain-error.ts';

import { errorKinds, NodeError } from '../errors.ts';
import { TrustError } from '../pki/trust.ts';
import { WorkbookError } from '../workbook/workbook-error.ts';

export function explain(error: unknown): Explanation {
  if (error instanceof NodeError) {
    return { code: exitCodes[errorKinds[error.code][0]], text: `${error.code}: ${error.message}` };
  }
  if (error instanceof WorkbookError) return { code: exitCodes.usage, text: error.message };
  if (error instanceof TrustError) {
    const away = error.fault === 'unreachable';
    return { code: away ? exitCodes.unreachable : exitCodes.refused, text: error.message };
  }
  return explainError(error, 'node');
}
