/** Exit codes of every command, at hub and node alike. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** The command ran and its check did not hold, or something broke: see the message. */
  failed: 1,
  /** Wrong arguments or settings: nothing was done. */
  usage: 2,
  /** The other side refused: the message says what to do. */
  refused: 3,
  /** The other side or a service could not be reached: try again later. */
  unreachable: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
