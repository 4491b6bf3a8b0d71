/** An error of the node's catalogue, as its use cases throw it. */
import type { NodeErrorCode } from '../../../node/src/errors.ts';

export class Stop extends Error {
  override readonly name = 'Stop';
  readonly code: NodeErrorCode | 'NODE_HUB_LOST_SAFE';
  readonly retryAfterS: number;

  constructor(code: Stop['code'], detail = '', retryAfterS = 0) {
    super(`${code} ${detail}`);
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

/** Trying again helps: the hub is away or busy. */
export const isPassing = (error: unknown): error is Stop =>
  error instanceof Stop &&
  (error.code === 'NODE_HUB_UNREACHABLE' || error.code === 'NODE_HUB_BUSY');
