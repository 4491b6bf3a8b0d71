/** Stored batch bytes back to blocks; what cannot be read is a value, since the bytes are signed. */
import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import { WireError } from '@lienthong/shared-schema/wire/codec.ts';
import {
  answerIdBytesMax,
  answerReasonBytesMax,
  answersMax,
  markerBytesMax,
} from '@lienthong/shared-schema/wire/limits.ts';
import {
  type BatchContent,
  batchContent,
  batchHeader,
} from '@lienthong/shared-schema/wire/messages.ts';

/**
 * Undefined when the bytes do not expand to what the header says, are no batch, or have a marker or
 * answers above the limits.
 */
export async function readBatchContent(stored: {
  readonly header: Uint8Array;
  readonly content: Uint8Array;
}): Promise<BatchContent | undefined> {
  const raw = await expand(stored.content, Number(batchHeader.decode(stored.header).rawBytes));
  if (raw === undefined) return undefined;
  try {
    const content = batchContent.decode(raw);
    return isWithinLimits(content) ? content : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

const isWithinLimits = ({ marker, answers }: BatchContent): boolean =>
  Buffer.byteLength(marker) <= markerBytesMax &&
  answers.length <= answersMax &&
  answers.every(
    ({ recordId, correction, reason }) =>
      Buffer.byteLength(recordId) <= answerIdBytesMax &&
      Buffer.byteLength(correction) <= answerIdBytesMax &&
      Buffer.byteLength(reason) <= answerReasonBytesMax,
  );
