/** Every maximum that both sides obey, with the reason for its size. */

/** Batches of 10,000 rows beat 2,000 by a third; 10,000 records are some 30 MB of rows. */
export const batchRecordsMax = 10_000;

/** What a batch may expand to: bounds the memory of one apply. */
export const batchRawBytesMax = 64 * 1024 * 1024;

/** What a batch may weigh on the wire; rows of records compress about sevenfold. */
export const batchContentBytesMax = 32 * 1024 * 1024;

/** Header, signature and framing around the content. */
export const frameOverheadBytesMax = 64 * 1024;

/** A marker comes back in a page of the feed, with those of 10,000 batches at most. */
export const markerBytesMax = 256;

/** Measure and key of a figure are names; both go into an index, which has no room for a book. */
export const figureNameBytesMax = 256;

/** Answers to corrections in one batch; what is more goes with the next. */
export const answersMax = 200;

/** The ids in an answer, of a correction and of a record: both have a fixed form, and one is in an index. */
export const answerIdBytesMax = 64;

/** A reason that a person gives: 1,000 characters, each of four bytes at most. */
export const answerReasonBytesMax = 4_000;

/** Records in one page of the feed. */
export const feedPageRecordsMax = 10_000;

/** One version of a code list: that of all communes has some 400 kB. A page has each list once. */
export const codeListBytesMax = 4 * 1024 * 1024;

/** A report of totals: some hundred figures. */
export const totalsBytesMax = 1024 * 1024;

/** A hello is a few hundred bytes. */
export const helloBytesMax = 16 * 1024;

/** An enrolment request: CSR and two keys. */
export const enrolmentBytesMax = 32 * 1024;

/** Prefixes in one question about the tree: the answer has 256 branches for each at most. */
export const digestPrefixesMax = 64;

/** Record ids in one question about the tree, or in one request to have them again. */
export const digestRecordsMax = 256;

/** A question about the tree: 256 ids of 16 bytes, and prefixes; a report of a verification is less. */
export const digestBytesMax = 16 * 1024;

/** One item of a bundle: a page of the feed is the largest, and no answer over HTTP is larger. */
export const bundleItemBytesMax = 65 * 1024 * 1024;

/** Items of one bundle: what a reader keeps of each is some hundred bytes. */
export const bundleItemsMax = 100_000;
