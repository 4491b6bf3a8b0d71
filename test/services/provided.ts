/** What the global setup tells the test workers, which are other processes: values that can be copied, no handles. */
export type ProvidedPostgres = {
  /** A superuser's URL. It is a test server: whoever has it may do everything. */
  readonly adminUrl: string;
  readonly origin: 'environment' | 'installed' | 'embedded';
  readonly version: number;
  /** Beginning of the name of every database of this run. */
  readonly prefix: string;
};

export type ProvidedRedis = { readonly url: string } | { readonly unavailable: string };

declare module 'vitest' {
  interface ProvidedContext {
    readonly postgres: ProvidedPostgres;
    readonly redis: ProvidedRedis;
    /** Of this run, gone at its end: what its test files share. */
    readonly folder: string;
  }
}
