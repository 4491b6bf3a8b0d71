import { expect, test } from 'vitest';

import { citizens } from '../../../test/support/stand-in-reference.ts';
import { citizenMessage } from './citizen-message.ts';
import { plainMessage } from './plain-message.ts';

const pin = '001080000003';
const person = {
  'identity.full_name': 'Đỗ Thị Hoà & <Bình>',
  'identity.birth_date': '1980-05-12',
  'identity.sex': '0',
  'identity.ethnic_group': '02',
  'identity.home_town_code': '01',
};
const good = citizens([pin], new Map([[pin, person]]));
const namespace = 'http://www.mic.gov.vn/dancu/1.0';

test('a citizen message is read as the hub names the fields', () => {
  const { answers, asOf } = citizenMessage.read(good);
  expect(asOf).toBe('2026-11-20');
  expect([...answers]).toEqual([[pin, { kind: 'found', fields: person, asOf }]]);
  expect(citizenMessage.query([pin])).toContain(`<SoDinhDanh>${pin}</SoDinhDanh>`);
});

test.each(['1980', '198005', '19800512', '1980-05-12', '12/05/1980'])(
  'the birth date %s is read as far as it goes',
  (text) => {
    const { answers } = citizenMessage.read(good.replace('19800512', text));
    const read = answers.get(pin)?.fields['identity.birth_date'] ?? '';
    expect('1980-05-12').toContain(read);
    expect(read.length).toBe({ 4: 4, 6: 7 }[text.length] ?? 10);
  },
);

const bomb = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">${Array.from(
  { length: 9 },
  (_, i) => `<!ENTITY ${'bcdefghij'[i]} "${`&${'abcdefghij'[i]};`.repeat(10)}">`,
).join('')}]>`;
const outside = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
const body = good.replace(/^<\?xml[^>]*>/u, '');

test.each([
  ['entities that grow', bomb + body.replace('Đỗ', '&j;')],
  ['a file of this machine', outside + body.replace('Đỗ', '&x;')],
  ['any document type', `<!DOCTYPE DanhSachCongDan>${body}`],
  ['an entity that is not declared', body.replace('Đỗ', '&nbsp;')],
  ['half a message', good.slice(0, -30)],
  ['two messages', body + body],
  ['another namespace', good.replace(namespace, 'http://example.vn/')],
  ['another count than it states', good.replace('SoCongDan="1"', 'SoCongDan="2"')],
  ['a citizen twice', citizens([pin, pin], new Map([[pin, person]]))],
  ['no day', good.replace('2026-11-20', 'hôm nay')],
  [
    'elements within elements',
    body.replace('<Ho>Đỗ</Ho>', `${'<Ho>'.repeat(50)}x${'</Ho>'.repeat(50)}`),
  ],
  ['elements without end', body.replace('<Ho>Đỗ</Ho>', '<Ho/>'.repeat(100_001))],
  ['words', 'Service unavailable'],
  ['nothing', ''],
])('%s is refused as a whole', (_, text) => {
  expect(() => citizenMessage.read(text)).toThrow(
    expect.objectContaining({ name: 'MessageError' }),
  );
});

test.each([
  ['no JSON', '<html/>'],
  ['a list', '[]'],
  ['no day', '{"people":[]}'],
  ['a person without a number', '{"asOf":"2026-11-20","people":[{"found":true}]}'],
  [
    'a value that is no text',
    '{"asOf":"2026-11-20","people":[{"pin":"1","found":true,"fields":{"a":1}}]}',
  ],
  [
    'half a character, which no database could hold',
    `{"asOf":"2026-11-20","people":[{"pin":"1","found":true,"fields":{"a":"\\ud800"}}]}`,
  ],
  ['nothing said of a person', '{"asOf":"2026-11-20","people":[{"pin":"1"}]}'],
])('in the plain form %s is refused as a whole', (_, text) => {
  expect(() => plainMessage.read(text)).toThrow(expect.objectContaining({ name: 'MessageError' }));
});
