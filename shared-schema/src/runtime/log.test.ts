import { Writable } from 'node:stream';

import { expect, test } from 'vitest';

import { logTo } from './log.ts';

function lines(): { readonly log: ReturnType<typeof logTo>; readonly text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { log: logTo(stream, 'test', 'info'), text: () => chunks.join('') };
}

test('fields that could hold data of a person never reach the log', () => {
  const { log, text } = lines();
  log.info({ agency: 'H52', pin: '035094812781', nested: { full_name: 'Lê Văn A' } }, 'checked');
  expect(text()).toContain('"agency":"H52"');
  expect(text()).not.toContain('035094812781');
  expect(text()).not.toContain('Lê Văn A');
});

test('an error of the database is logged without its message and detail', () => {
  const { log, text } = lines();
  const error = Object.assign(new Error('Key (pin)=(035094812781) already exists'), {
    code: '23505',
    detail: 'Key (pin)=(035094812781) already exists.',
  });
  log.error({ err: new Error('outer 035094812781', { cause: error }) }, 'failed');
  expect(text()).toContain('23505');
  expect(text()).not.toContain('035094812781');
});
