/**
 * The night slot of each unit: spread over 22:00–04:00 in Asia/Ho_Chi_Minh so that some sixty nodes
 * do not start in the same second. Cron pattern with seconds.
 */
const windowStartMinute = 22 * 60;
const windowMinutes = 6 * 60;

/** `index` is the unit's place in the registry; neighbours get slots far apart (golden ratio). */
export function nightSlot(index: number): string {
  const spread = (index * 0.618_033_988_749_895) % 1;
  const seconds = Math.floor(spread * windowMinutes * 60);
  const minute = (windowStartMinute + Math.floor(seconds / 60)) % (24 * 60);
  return `${seconds % 60} ${minute % 60} ${Math.floor(minute / 60)} * * *`;
}
