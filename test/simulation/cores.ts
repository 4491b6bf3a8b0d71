/** The product's own decisions, as the simulation calls them; nothing of them is written twice. */
import { judgeRecord } from '../../hub/src/protocol/apply.ts';
import { decideHello } from '../../hub/src/protocol/hello.ts';
import { decideReceive } from '../../hub/src/protocol/receive.ts';
import { judgeStart, raisedIncarnation } from '../../hub/src/protocol/restored.ts';
import { afterCopied, beginSafe } from '../../hub/src/protocol/safe.ts';
import { decideCheckpoint } from '../../node/src/protocol/checkpoints.ts';
import { decidePage } from '../../node/src/protocol/feed-page.ts';
import { meaningOfHello } from '../../node/src/protocol/hello.ts';
import {
  afterFlight,
  firstWindow,
  hasRoom,
  withReceipt,
  withSent,
} from '../../node/src/protocol/push-window.ts';
import { stepAfterPush } from '../../node/src/protocol/push.ts';
import {
  afterProbe,
  beginSearch,
  nextProbe,
  planRejoin,
  stepOfRejoin,
} from '../../node/src/protocol/rejoin.ts';
import { retryDelayMs } from '../../node/src/protocol/retry.ts';
import { manifestLine, recordsToTake } from '../../node/src/protocol/seal.ts';

export const productCores = {
  judgeRecord,
  decideHello,
  decideReceive,
  judgeStart,
  raisedIncarnation,
  beginSafe,
  afterCopied,
  decidePage,
  decideCheckpoint,
  meaningOfHello,
  stepAfterPush,
  firstWindow,
  hasRoom,
  withSent,
  withReceipt,
  afterFlight,
  beginSearch,
  nextProbe,
  afterProbe,
  stepOfRejoin,
  planRejoin,
  retryDelayMs,
  recordsToTake,
  manifestLine,
};

export type Cores = typeof productCores;
