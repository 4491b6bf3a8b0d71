/** Stored batch bytes back to blocks; what cannot be read is a value, since the bytes are signed. */
import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import { WireError } from '@lienthong/shared-schema/wire/codec.ts';
import {
  type BatchContent,
  batchContent,
  batchHeader,
} from '@lienthong/shared-schema/wire/messages.ts';

/** Undefined when the bytes do not expand to what the header says, or are no batch. */
export async function readBatchContent(stored: {
  readonly header: Uint8Array;
  readonly content: Uint8Array;
}): Promise<BatchContent | undefined> {
  const raw = await expand(stored.content, Number(batchHeader.decode(stored.header).rawBytes));
  if (raw === undefined) return undefined;
  try {
    return batchContent.decode(raw);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
