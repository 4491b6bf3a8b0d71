/** `npm run derive`: writes the files that follow from the catalogue; a test holds them current. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { derivedFiles } from './files.ts';

for (const [path, text] of Object.entries(derivedFiles)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
