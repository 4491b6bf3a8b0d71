/** What the node's server puts up with. */
export type HttpLimits = {
  /** For the headers: who takes longer does not mean to send them. */
  readonly headersTimeoutMs: number;
  /** For a whole request with its body. */
  readonly requestTimeoutMs: number;
  readonly silenceMs: number;
  readonly keepAliveMs: number;
  readonly checkMs: number;
  /** All headers of a request together. */
  readonly headerBytesMax: number;
  /** Where a route does not say otherwise. */
  readonly bodyBytesMax: number;
  /** A profile with all its lists has some 10 kB as base64. */
  readonly packetBytesMax: number;
  /** A whole record, or a list of rows to be published. */
  readonly recordBytesMax: number;
  /** Of one key. */
  readonly packetsPerMinute: number;
  /** Of one key, over all addresses of the API together. */
  readonly requestsPerMinute: number;
  /** For people and programs of one unit; each may also keep a request waiting. */
  readonly connectionsMax: number;
};

export const nodeHttpLimits: HttpLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  silenceMs: 60_000,
  keepAliveMs: 65_000,
  checkMs: 2_000,
  headerBytesMax: 16 * 1024,
  bodyBytesMax: 1024,
  packetBytesMax: 2 * 1024 * 1024,
  recordBytesMax: 2 * 1024 * 1024,
  packetsPerMinute: 6_000,
  requestsPerMinute: 3_000,
  connectionsMax: 256,
};
