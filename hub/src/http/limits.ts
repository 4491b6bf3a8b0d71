/** What the hub's server bears, in all and of one caller. Each bound says whom it must not hurt. */
import {
  batchContentBytesMax,
  frameOverheadBytesMax,
} from '@lienthong/shared-schema/wire/limits.ts';

import type { Quota } from '../protocol/quota.ts';

export type HttpLimits = {
  readonly connectionsMax: number;
  /** Of one certificate, or of one address without any; twice as many are cut without an answer. */
  readonly callerConnectionsMax: number;
  /** Requests of one caller that are read, worked on or answered. */
  readonly callerRequestsMax: number;
  /** Bytes of bodies and answers under way, of one caller and of all; one body always passes. */
  readonly callerBytesMax: number;
  readonly bytesMax: number;
  readonly requests: Quota;
  /** Of bodies and answers. */
  readonly bytes: Quota;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Without a byte either way. */
  readonly silenceMs: number;
  readonly keepAliveMs: number;
  /** How often what is too slow is looked for. */
  readonly checkMs: number;
  /** From then on a body, and the reader of an answer, must keep the pace on average. */
  readonly paceGraceMs: number;
  readonly paceBytesPerSecond: number;
};

const mb = 1024 * 1024;
const bodyBytesMax = batchContentBytesMax + frameOverheadBytesMax;
/** Half of a line of 256 kbit/s. */
const paceBytesPerSecond = 16_000;
const paceGraceMs = 20_000;

export const hubHttpLimits: HttpLimits = {
  connectionsMax: 2_048,
  // the two processes of a node have five each
  callerConnectionsMax: 32,
  callerRequestsMax: 32,
  // two processes of a node with 64 MiB under way each
  callerBytesMax: 4 * bodyBytesMax + mb,
  bytesMax: 512 * mb,
  // a night's work of a unit is some hundred requests
  requests: { burst: 2_000, perSecond: 20 },
  bytes: { burst: 1024 * mb, perSecond: 8 * mb },
  headersTimeoutMs: 30_000,
  // the largest body at the slowest pace
  requestTimeoutMs: paceGraceMs + Math.ceil((bodyBytesMax / paceBytesPerSecond) * 1_000) + 10_000,
  silenceMs: 60_000,
  // longer than nodes keep theirs, so that no call runs into its closing
  keepAliveMs: 65_000,
  checkMs: 5_000,
  paceGraceMs,
  paceBytesPerSecond,
};
