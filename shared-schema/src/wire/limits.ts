/** Every maximum that both sides obey, with the reason for its size. */

/** Batches of 10,000 rows beat 2,000 by a third; 10,000 records are some 30 MB of rows. */
export const batchRecordsMax = 10_000;

/** What a batch may expand to: bounds the memory of one apply. */
export const batchRawBytesMax = 64 * 1024 * 1024;

/** What a batch may weigh on the wire; rows of records compress about sevenfold. */
export const batchContentBytesMax = 32 * 1024 * 1024;

/** Header, signature and framing around the content. */
export const frameOverheadBytesMax = 64 * 1024;

/** Records in one page of the feed. */
export const feedPageRecordsMax = 10_000;

/** A report of totals: some hundred figures. */
export const totalsBytesMax = 1024 * 1024;

/** A hello is a few hundred bytes. */
export const helloBytesMax = 16 * 1024;

/** An enrolment request: CSR and two keys. */
export const enrolmentBytesMax = 32 * 1024;
