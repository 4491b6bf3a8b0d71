/** Resolves at the first SIGTERM, SIGINT or SIGHUP; a second one ends the process at once. */
export async function untilSignal(): Promise<NodeJS.Signals> {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve(signal));
  });
}
