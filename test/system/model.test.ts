/** The quick configurations of the formal models; the long ones run with `npm run model`. */
import { describe, expect, test } from 'vitest';

import { checkModel, missingTools } from '../model/check-model.ts';
import { configurations } from '../model/configurations.ts';

const missing = missingTools();
const quick = configurations.filter((one) => one.quick);

describe.skipIf(missing !== undefined)(
  `formal models${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test.each(quick)('$name: $expected', async (one) => {
      const { result, trace } = await checkModel(one, { timeMaxMs: 60_000 });
      expect({ result, trace: result === one.expected ? [] : trace }).toEqual({
        result: one.expected,
        trace: [],
      });
    });
  },
);
