/** Every committed file that is derived, by its path from the top of the repository. */
import { derivedMigrations } from '@lienthong/shared-schema/sql/migrations.ts';

export const derivedFiles: Readonly<Record<string, string>> = derivedMigrations;
