/** Every committed file that is derived, by its path from the top of the repository. */
import { dictionaryMarkdown } from '@lienthong/shared-schema/dictionary.ts';
import { qualityMarkdown } from '@lienthong/shared-schema/quality-page.ts';
import { rulesMarkdown } from '@lienthong/shared-schema/rules-page.ts';
import { derivedMigrations } from '@lienthong/shared-schema/sql/migrations.ts';

export const derivedFiles: Readonly<Record<string, string>> = {
  ...derivedMigrations,
  'docs/data-dictionary.md': dictionaryMarkdown(),
  'docs/rules.md': rulesMarkdown(),
  'docs/quality.md': qualityMarkdown(),
};
