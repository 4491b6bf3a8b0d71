import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import type { RequestFixture } from './request-fixture.ts';
import { forgeRequest } from './request-fixture.ts';
import { createRsaKeyPair } from './rsa-key.ts';
import type { SigningRequestRefusal } from './signing-request.ts';
import { judgeSigningRequest } from './signing-request.ts';

const [pair, otherPair] = await Promise.all([createRsaKeyPair(), createRsaKeyPair()]);
const smallPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const agencyName = [{ name: 'commonName', value: 'H52' }];
const good = forgeRequest({ ...pair, subject: agencyName });
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'request-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function reasonOf(csrPem: string, agency = 'H52'): SigningRequestRefusal | 'accepted' {
  const verdict = judgeSigningRequest({ csrPem, agency });
  return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
}

function toPem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
}

function toDer(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/gu, ''), 'base64');
}

function requestFor(change: Partial<RequestFixture>): string {
  return forgeRequest({ ...pair, subject: agencyName, ...change });
}

function opensslRequest(kind: string, keyArguments: readonly string[]): string {
  const out = join(folder, `${kind}.csr`);
  const key = join(folder, `${kind}.key`);
  const common = ['-nodes', '-keyout', key, '-subj', '/CN=H52', '-out', out];
  execFileSync('openssl', ['req', '-new', ...keyArguments, ...common], { stdio: 'ignore' });
  return readFileSync(out, 'utf8');
}

test('a request signed with its own key and named after the agency is accepted with that key', () => {
  const verdict = judgeSigningRequest({ csrPem: good, agency: 'H52' });
  expect(verdict.kind === 'accepted' && verdict.publicKey.equals(pair.publicKey)).toBe(true);
  expect(reasonOf(toPem(toDer(good)))).toBe('accepted');
});

test('a request signed with another key than the one it holds is refused', () => {
  expect(reasonOf(requestFor({ privateKey: otherPair.privateKey }))).toBe('wrong-signature');
});

test('a request for another agency is refused, also in small letters', () => {
  expect(reasonOf(good, 'H53')).toBe('wrong-name');
  expect(reasonOf(good, 'h52')).toBe('wrong-name');
  expect(reasonOf(good, 'H5')).toBe('wrong-name');
});

const text = (value: string): Buffer => element(0x0c, Buffer.from(value, 'latin1'));
const commonName = (value: Buffer): Buffer =>
  element(0x30, Buffer.from('0603550403', 'hex'), value);
const version = Buffer.from('020100', 'hex');

/** A well-signed request with whatever parts: what forge does not write. */
function signedRequest(names: readonly Buffer[], first: Buffer = version): string {
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  const signed = element(0x30, first, element(0x30, ...names), spki, element(0xa0));
  const signature = sign('sha256', signed, pair.privateKey);
  const algorithm = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
  return toPem(element(0x30, signed, algorithm, element(0x03, Buffer.alloc(1), signature)));
}

function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = Buffer.from(content.length < 0x80 ? [content.length] : [0x82, 0, 0]);
  if (length.length > 1) length.writeUInt16BE(content.length, 1);
  return Buffer.concat([Buffer.from([tag]), length, content]);
}

test.each([
  ['one name', [element(0x31, commonName(text('H52')))], 'accepted'],
  [
    'a printable string',
    [element(0x31, commonName(element(0x13, Buffer.from('H52'))))],
    'accepted',
  ],
  [
    'two values in one name',
    [element(0x31, commonName(text('H52')), commonName(text('H53')))],
    'wrong-name',
  ],
  ['a zero byte after the name', [element(0x31, commonName(text('H52\0')))], 'wrong-name'],
  ['a space after the name', [element(0x31, commonName(text('H52 ')))], 'wrong-name'],
  [
    'a name in octets',
    [element(0x31, commonName(element(0x04, Buffer.from('H52'))))],
    'wrong-name',
  ],
  ['a name that is no set', [element(0x30, commonName(text('H52')))], 'wrong-name'],
])('of well-signed requests, one with %s is judged by its name', (_, names, verdict) => {
  expect(reasonOf(signedRequest(names))).toBe(verdict);
});

test('a well-signed request of another version cannot be parsed', () => {
  const names = [element(0x31, commonName(text('H52')))];
  expect(reasonOf(signedRequest(names, Buffer.from('020101', 'hex')))).toBe('unparsable');
});

test.each([
  ['a second common name', [...agencyName, { name: 'commonName', value: 'H53' }]],
  ['an organisation', [...agencyName, { name: 'organizationName', value: 'X' }]],
  ['only an organisation', [{ name: 'organizationName', value: 'H52' }]],
  ['no name', []],
])('a request with %s is refused', (_, subject) => {
  expect(reasonOf(requestFor({ subject }))).toBe('wrong-name');
});

test('a key of 2048 bits is refused', () => {
  expect(reasonOf(requestFor(smallPair))).toBe('weak-key');
});

test('a key with exponent 3 is refused', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 });
  expect(reasonOf(requestFor(weak))).toBe('weak-key');
});

test('a request signed with SHA-1 is refused', () => {
  expect(reasonOf(requestFor({ digest: 'sha1' }))).toBe('wrong-algorithm');
});

test('a request of more than 8 KB is refused before it is read', () => {
  const padded = good.padEnd(8192, '\n');
  expect(reasonOf(padded)).toBe('accepted');
  expect(reasonOf(`${padded}\n`)).toBe('too-large');
});

test.each([
  ['nothing', ''],
  ['text', 'please'],
  ['a label without content', toPem(Buffer.alloc(0))],
  ['a request with a byte after it', toPem(Buffer.concat([toDer(good), Buffer.alloc(1)]))],
  [
    'a request with an element after it',
    toPem(Buffer.concat([toDer(good), Buffer.from('0500', 'hex')])),
  ],
  ['a request cut short', toPem(toDer(good).subarray(0, -1))],
  ['two requests', good + good],
  ['a request with words before it', `x ${good}`],
  ['deeply nested sequences', toPem(Buffer.from('30820400'.repeat(1000), 'hex'))],
  ['another kind of PEM', good.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')],
])('%s cannot be parsed', (_, csrPem) => {
  expect(reasonOf(csrPem)).toBe('unparsable');
});

test('a request with one bit changed, in whichever byte, is never accepted', () => {
  const der = toDer(good);
  const accepted = [...der.keys()].filter((index) => {
    const changed = Buffer.from(der);
    changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
    return reasonOf(toPem(changed)) === 'accepted';
  });
  expect(accepted).toEqual([]);
});

test('random bytes are refused and never throw', () => {
  for (let round = 0; round < 2000; round += 1) {
    const bytes = randomBytes(round % 300);
    if (round % 2 === 0 && bytes.length > 0) bytes[0] = 0x30;
    expect(reasonOf(toPem(bytes))).toBe('unparsable');
  }
});

test.runIf(hasOpenssl)('a request made by openssl is accepted, one with an EC key is not', () => {
  expect(reasonOf(opensslRequest('rsa', ['-newkey', 'rsa:3072']))).toBe('accepted');
  expect(
    reasonOf(opensslRequest('ec', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'])),
  ).toBe('weak-key');
});
