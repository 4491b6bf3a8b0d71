import { sectionNamed } from '@lienthong/shared-schema/catalogue/catalogue.ts';
import { expect, test } from 'vitest';

import { readPolicyFile } from './policy-file.ts';

test('the table of a file is read', () => {
  expect(readPolicyFile('{"reaches": {"salary": "sealed", "training": "national"}}')).toEqual(
    new Map([[sectionNamed('salary').tag, 'sealed']]),
  );
  expect(readPolicyFile(' {"reaches": {}} ')).toEqual(new Map());
});

test.each([
  ['{"reaches": {"salary": "sealed"}', 'no JSON'],
  ['', 'no JSON'],
  ['{"salary": "sealed"}', 'write {"reaches"'],
  ['{"reaches": {"salary": "sealed"}, "reach": {"health": "unit"}}', 'write {"reaches"'],
  ['{"reaches": ["salary"]}', 'write {"reaches"'],
  ['{"reaches": null}', 'write {"reaches"'],
  ['null', 'write {"reaches"'],
  ['{"reaches": {"wages": "unit", "health": "national"}}', 'wages is no section: `npm run'],
  ['{"reaches": {"wages": "unit", "health": "national"}}', '; health cannot be national'],
  ['{"reaches": {"__proto__": "unit"}}', '__proto__ is no section'],
])('%s is refused with what is wrong', (text, reason) => {
  expect(() => readPolicyFile(text)).toThrow(
    expect.objectContaining({
      code: 'HUB_POLICY_INVALID',
      message: expect.stringContaining(reason),
    }),
  );
});
