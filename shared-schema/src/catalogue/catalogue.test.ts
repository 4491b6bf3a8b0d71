import { expect, test } from 'vitest';

import { headSection, sections } from './catalogue.ts';

test('the sections carry exactly the 109 entries of the standard', () => {
  const carried = new Set(sections.flatMap((s) => s.fields.flatMap((f) => f.standard)));
  const all = Array.from({ length: 109 }, (_, i) => i + 1);
  expect(all.filter((n) => !carried.has(n))).toEqual([]);
  expect([...carried].filter((n) => n < 1 || n > 109)).toEqual([]);
});

test('tags and names are unique', () => {
  expect(new Set(sections.map((s) => s.tag)).size).toBe(sections.length);
  expect(new Set(sections.map((s) => s.name)).size).toBe(sections.length);
  for (const section of sections) {
    expect(new Set(section.fields.map((f) => f.tag)).size).toBe(section.fields.length);
    expect(new Set(section.fields.map((f) => f.name)).size).toBe(section.fields.length);
  }
});

test('names are lower snake case and no reserved column', () => {
  const reserved = new Set(['record_id', 'ordinal', 'agency']);
  for (const section of sections) {
    expect(section.name).toMatch(/^[a-z][a-z_]*$/u);
    for (const field of section.fields) {
      expect(field.name).toMatch(/^[a-z][a-z_0-9]*$/u);
      expect(reserved.has(field.name)).toBe(false);
    }
  }
});

test('a field that dates the event of another stands in the same section', () => {
  for (const section of sections) {
    for (const field of section.fields) {
      if (field.asOf === undefined) continue;
      const dating = section.fields.find((one) => one.name === field.asOf);
      expect(dating?.type.kind).toMatch(/^(partial-date|integer)$/u);
    }
  }
});

test('sensitive fields never travel in plain text, religion apart, which the packets of 356 carry', () => {
  const plain = sections
    .filter((s) => s.reach === 'national')
    .flatMap((s) => s.fields)
    .filter((f) => f.restriction === 3)
    .map((f) => f.name);
  expect(plain).toEqual(['religion']);
});

test('the section that makes a record exist is a single one of its kind', () => {
  for (const [kind, section] of Object.entries(headSection)) {
    expect(section.kind).toBe(kind);
    expect(section.many).toBe(false);
  }
});
