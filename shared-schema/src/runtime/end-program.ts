/**
 * Ends the process at last. A program that is done ends by itself, once nothing of it is left to wait
 * for; BullMQ's worker keeps a timer for ever where its server was gone when it was closed.
 */
const lingerMs = 3_000;

/** The last call of a program: what has been written is out long before. */
export function endProgram(): void {
  setTimeout(() => process.exit(), lingerMs).unref();
}
