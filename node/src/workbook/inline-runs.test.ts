import { Buffer } from 'node:buffer';

import { expect, test } from 'vitest';

import { withoutInlineRuns } from './inline-runs.ts';
import { allOf } from './workbook-fixture.ts';

async function* chunks(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

test.each([[['<c><is><r><t>']], [['<c><is', '><r><t>']], [['<c><is>', '<', 'r', '><t>']]])(
  'pieces of text are found wherever the bytes are cut: %j',
  async (texts) => {
    await expect(allOf(withoutInlineRuns(chunks(...texts)))).rejects.toMatchObject({
      fault: 'unsupported',
    });
  },
);

test('other bytes pass unchanged', async () => {
  const texts = ['<c><is><t>a</t></is>', '</c>', '<row r="1">'];
  const passed = await allOf(withoutInlineRuns(chunks(...texts)));
  expect(Buffer.concat(passed).toString()).toBe(texts.join(''));
});
