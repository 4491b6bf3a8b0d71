/**
 * The tripwire of the contract: what other programs rely on may not change under the same version
 * number. Each table below maps a version to the hash of the contract as it was released.
 */
import { createHash } from 'node:crypto';

import { expect, test } from 'vitest';

import { catalogueVersion, sections } from '../catalogue/catalogue.ts';
import { protoText } from './codec.ts';
import { protocolVersion, protocolVersionMin } from './version.ts';

const protocolHashes: Readonly<Record<number, string>> = {
  1: '65d385cd3afd2ef7',
};

const catalogueHashes: Readonly<Record<number, string>> = {
  1: 'ae6612730afcd85d',
  2: 'd7d6206a5d5f7b6a',
};

const hashOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The contract without comments and layout: both may be improved at any time. */
const protoWithoutLayout = (text: string): string =>
  text.replaceAll(/\/\/[^\n]*/gu, '').replaceAll(/\s+/gu, ' ');

/** What is on the wire and in the tables of others; labels and headings may be improved. */
const catalogueFacts = (): string =>
  JSON.stringify(
    sections.map(({ tag, name, kind, reach, many, fields }) => [
      tag,
      name,
      kind,
      reach,
      many,
      fields.map((field) => [field.tag, field.name, field.type]),
    ]),
  );

test('the wire contract is the one that was released under this version', () => {
  expect(
    hashOf(protoWithoutLayout(protoText)),
    `sync.proto has changed but protocolVersion is still ${protocolVersion}. Raise it in ` +
      'version.ts, add a line to the history there that says what changed, and add the new hash ' +
      'to protocolHashes in version.test.ts. Never change the hash of a released version.',
  ).toBe(protocolHashes[protocolVersion]);
});

test('the field catalogue is the one that was released under this version', () => {
  expect(
    hashOf(catalogueFacts()),
    `A section or field has changed but catalogueVersion is still ${catalogueVersion}. Raise it ` +
      'in catalogue.ts, add migrations for the new columns, and add the new hash to ' +
      'catalogueHashes in version.test.ts. Never change the hash of a released version.',
  ).toBe(catalogueHashes[catalogueVersion]);
});

test('comments and layout are free, and everything else trips the wire', () => {
  const hash = (text: string): string => hashOf(protoWithoutLayout(text));
  expect(hash(`// another comment\n${protoText.replaceAll('  ', '    ')}`)).toBe(
    hash(` ${protoText}`),
  );
  for (const [from, to] of [
    ['uint64 epoch = 4', 'uint64 epoch = 14'],
    ['BUSY = 6', 'BUSY = 7'],
    ['bytes root', 'string root'],
  ] as const) {
    expect(protoText).toContain(from);
    expect(hash(protoText.replace(from, to))).not.toBe(hash(protoText));
  }
});

test('every version has its hash, and the oldest version served is one of them', () => {
  const versions = Array.from({ length: protocolVersion }, (_, i) => String(i + 1));
  expect(Object.keys(protocolHashes)).toEqual(versions);
  expect(versions).toContain(String(protocolVersionMin));
  expect(Object.keys(catalogueHashes)).toHaveLength(catalogueVersion);
});
