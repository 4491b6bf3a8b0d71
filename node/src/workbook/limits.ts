/**
 * The largest file we read. A list of 20,000 people with 15 columns is a workbook of 1.5 MB that
 * unpacks to 11 MB, so these limits are far above any agency's; a file beyond them is a mistake or an
 * attack, and is cut into parts by hand.
 */
const MiB = 1024 * 1024;

/** The file as it lies on the disk. */
export const fileBytesMax = 256 * MiB;
/** All parts of an .xlsx that we read, unpacked. */
export const unpackedBytesMax = 1024 * MiB;
/** The shared strings, unpacked: the one part that is held in memory. */
export const sharedStringsBytesMax = 128 * MiB;
/** Rows of all sheets together. */
export const rowsMax = 1_000_000;
/** Parts of the package; Excel itself writes a few for each sheet. */
export const packagePartsMax = 4096;
/** Rows at the top of a sheet among which a header may stand. */
export const peekRows = 60;
/** Rows and columns of one sheet, as in Excel. */
export const rowNumberMax = 1_048_576;
export const columnsMax = 16_384;
/** One value of a CSV file. */
export const csvRecordCharactersMax = 1_000_000;
