/**
 * Numbered SQL files through Kysely's Migrator: forward only, all pending ones in one transaction
 * under its lock. A file is never edited once released.
 */
import { readdir, readFile } from 'node:fs/promises';

import { sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';

import type { Db } from './database.ts';

class SqlFiles implements MigrationProvider {
  readonly #directory: URL;

  constructor(directory: URL) {
    this.#directory = directory;
  }

  async getMigrations(): Promise<Record<string, Migration>> {
    const files = await readdir(this.#directory);
    const names = files.filter((name) => name.endsWith('.sql')).toSorted();
    const entries = await Promise.all(
      names.map(async (name): Promise<[string, Migration]> => {
        const text = await readFile(new URL(name, this.#directory), 'utf8');
        return [name, { up: async (db) => void (await sql.raw(text).execute(db)) }];
      }),
    );
    return Object.fromEntries(entries);
  }
}

/** Applies what is pending and returns the names of what was applied. Throws the database's error. */
export async function migrate(db: Db, directory: URL): Promise<readonly string[]> {
  const migrator = new Migrator({
    db,
    provider: new SqlFiles(directory),
    migrationTableSchema: 'migration',
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map((result) => result.migrationName);
}
