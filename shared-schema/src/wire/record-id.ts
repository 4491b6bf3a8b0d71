/** Record ids on the wire: the 16 bytes of the UUID. */
const idBytes = 16;

/** `id` as PostgreSQL writes a UUID. */
export function recordIdBytes(id: string): Uint8Array {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

/** As PostgreSQL writes a UUID; undefined where these are not 16 bytes. */
export function recordIdText(bytes: Uint8Array): string | undefined {
  if (bytes.length !== idBytes) return undefined;
  const hex = Buffer.from(bytes).toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
