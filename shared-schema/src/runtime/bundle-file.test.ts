/** Bundles as files: what is read is what was written, and nothing else is read. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openScratch } from '../../../test/services/scratch.ts';
import { domains } from '../wire/domains.ts';
import { bundleHeader, type BundleHeader, bundleItem, type BundleItem } from '../wire/messages.ts';
import { bundleMagic, signedTrailer } from './bundle-format.ts';
import { openBundle } from './bundle-reader.ts';
import { type NewBundle, writeBundle } from './bundle-writer.ts';
import { createSealingKey, publicKeyOfBytes, rawPublicKeyOf } from './sealing.ts';
import { createSigningKeyPair, sha256, signBytes } from './signature.ts';

const keys = createSigningKeyPair();
const ownKey = createSealingKey();
const recipient = publicKeyOfBytes(rawPublicKeyOf(ownKey));

const header: BundleHeader = {
  protocol: 1,
  audience: Buffer.alloc(32, 1),
  agency: 'H52',
  direction: 'TO_HUB',
  bundleId: Buffer.alloc(16, 2),
  answers: new Uint8Array(0),
  madeAtMs: 1_790_000_000_000n,
  hubIncarnation: 1n,
};

const bodies = ['the first body', '', 'the third body'].map((text) => Buffer.from(text));

async function write(path: string, changes: Partial<NewBundle> = {}): Promise<void> {
  const bundle = { path, force: false, header, signingKey: keys.privateKey, recipient };
  await writeBundle({ ...bundle, ...changes }, async (add) => {
    for (const [i, body] of bodies.entries()) await add('BATCH', Buffer.alloc(32, i), body);
  });
}

const senderKey = async (): Promise<typeof keys.publicKey> => keys.publicKey;

async function readAll(path: string, key = ownKey): Promise<readonly string[]> {
  await using bundle = await openBundle(path, senderKey);
  const texts: string[] = [];
  for (const entry of bundle.entries) {
    texts.push(Buffer.from(await bundle.read(entry, key)).toString());
  }
  return texts;
}

test.each([
  ['sealed', recipient],
  ['open', undefined],
])('a %s bundle is read as it was written', async (_, key) => {
  await using folder = await openScratch();
  const path = join(folder.path, 'a.bundle');
  await write(path, { recipient: key });
  expect(await readAll(path)).toEqual(bodies.map(String));
  expect((await readFile(path)).includes('first body')).toBe(key === undefined);
  await using bundle = await openBundle(path, senderKey);
  expect(bundle.header).toEqual({ ...header, answers: Buffer.alloc(0) });
  expect(bundle.entries.map(({ part, subject }) => [part, subject[0]])).toEqual([
    ['BATCH', 0],
    ['BATCH', 1],
    ['BATCH', 2],
  ]);
});

test('every truncation, every changed bit and anything behind the end is refused as a whole', async () => {
  await using folder = await openScratch();
  const path = join(folder.path, 'a.bundle');
  await write(path, { recipient: undefined });
  const whole = await readFile(path);
  const refused = async (bytes: Uint8Array): Promise<boolean> => {
    await writeFile(path, bytes);
    return readAll(path).then(
      () => false,
      (error: unknown) => error instanceof Error && error.name === 'BundleError',
    );
  };
  const passed: string[] = [];
  for (let length = 0; length < whole.length; length++) {
    if (!(await refused(whole.subarray(0, length)))) passed.push(`the first ${length} bytes`);
  }
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const changed = Buffer.from(whole);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (!(await refused(changed))) passed.push(`bit ${bit} of ${whole.length * 8}`);
  }
  if (!(await refused(Buffer.concat([whole, Buffer.alloc(1)])))) passed.push('one byte more');
  if (!(await refused(Buffer.concat([whole, whole])))) passed.push('twice');
  expect(passed).toEqual([]);
  expect(await refused(whole)).toBe(false);
}, 120_000);

test('a bundle of another sender, or for another key, gives nothing', async () => {
  await using folder = await openScratch();
  const path = join(folder.path, 'a.bundle');
  await write(path, { signingKey: createSigningKeyPair().privateKey });
  await expect(readAll(path)).rejects.toThrow('it is not signed by who it says');
  const other = join(folder.path, 'b.bundle');
  await write(other);
  await expect(readAll(other, createSealingKey())).rejects.toThrow('encrypted for another key');
  await expect(readAll(join(folder.path, 'none'))).rejects.toThrow('cannot be read');
});

test('an item of another bundle, or of another place, does not open', async () => {
  await using folder = await openScratch();
  const path = join(folder.path, 'a.bundle');
  await write(path);
  const [first, second, third] = await itemsOf(path);
  if (first === undefined || second === undefined || third === undefined) {
    throw new Error('there are three items');
  }
  /** The sealed items as they are, in a file that the same sender has signed. */
  const moved = async (items: readonly BundleItem[], under = header): Promise<unknown> => {
    await writeFile(path, signedFile(under, items));
    return readAll(path);
  };
  expect(await moved([first, second, third])).toEqual(bodies.map(String));
  for (const [items, under] of [
    [[first, second, third], { ...header, bundleId: Buffer.alloc(16, 3) }],
    [[first, second, third], { ...header, agency: 'H53' }],
    [[second, first, third], header],
    [[{ ...first, part: 'TOTALS' }, second, third], header],
  ] as const) {
    await expect(moved(items, under)).rejects.toThrow('it is encrypted for another key');
  }
});

/** The items of a bundle, sealed as they lie in the file. */
async function itemsOf(path: string): Promise<readonly BundleItem[]> {
  const bytes = await readFile(path);
  const frames: Buffer[] = [];
  let at = bundleMagic.length;
  for (let length = bytes.readUInt32BE(at); length > 0; length = bytes.readUInt32BE(at)) {
    frames.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  // the first one is the header
  return frames.slice(1).map((frame) => bundleItem.decode(frame));
}

function signedFile(under: BundleHeader, items: readonly BundleItem[]): Buffer {
  const frames = [bundleHeader.encode(under), ...items.map((item) => bundleItem.encode(item))];
  const framed = frames.flatMap((frame) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    return [length, frame];
  });
  const before = Buffer.concat([bundleMagic, ...framed]);
  const signed = signedTrailer(items.length, sha256(before));
  const signature = signBytes(keys.privateKey, domains.bundle, signed);
  return Buffer.concat([before, Buffer.alloc(4), signed, signature]);
}

test('a file that is there is replaced only by force, and stays whole where writing fails', async () => {
  await using folder = await openScratch();
  const path = join(folder.path, 'a.bundle');
  await writeFile(path, 'something else');
  await expect(write(path)).rejects.toMatchObject({ fault: 'exists' });
  const broken = { path, force: true, header, signingKey: keys.privateKey, recipient };
  await expect(
    writeBundle(broken, async (add) => {
      await add('BATCH', Buffer.alloc(32), randomBytes(1_000));
      throw new Error('the database is gone');
    }),
  ).rejects.toThrow('the database is gone');
  expect(await readdir(folder.path)).toEqual(['a.bundle']);
  expect(await readFile(path, 'utf8')).toBe('something else');
  await write(path, { force: true });
  expect(await readAll(path)).toEqual(bodies.map(String));
  await expect(write(join(folder.path, 'none', 'a.bundle'))).rejects.toMatchObject({
    fault: 'unwritten',
    message: 'ENOENT',
  });
});

test('where the disk takes no more, no half bundle is left', async () => {
  await using folder = await openScratch();
  const path = join(folder.path, 'a.bundle');
  const writer = new URL('bundle-writer.ts', import.meta.url).href;
  const program = `
    import { generateKeyPairSync } from 'node:crypto';
    const { writeBundle } = await import(${JSON.stringify(writer)});
    const { privateKey } = generateKeyPairSync('ed25519');
    const header = { protocol: 1, audience: Buffer.alloc(32), agency: 'H52', direction: 'TO_HUB',
      bundleId: Buffer.alloc(16), answers: Buffer.alloc(0), madeAtMs: 0n, hubIncarnation: 1n };
    const bundle = { path: ${JSON.stringify(path)}, force: false, header, signingKey: privateKey };
    try {
      await writeBundle(bundle, async (add) => {
        for (let i = 0; i < 1000; i++) await add('BATCH', Buffer.alloc(32), Buffer.alloc(4096));
      });
    } catch (error) {
      process.stdout.write(error.fault + ' ' + error.message);
    }`;
  // the system refuses every write beyond this size, as a full disk does
  const said = execFileSync(
    'bash',
    ['-c', 'ulimit -f 64; exec "$0" --input-type=module -e "$1"', process.execPath, program],
    { encoding: 'utf8' },
  );
  expect(said).toBe('unwritten EFBIG');
  expect(await readdir(folder.path)).toEqual([]);
});

/** Peak memory, in MB, of a process that writes a bundle of 4 MB items, checks it and reads it. */
function peakMemory(folder: string, items: number): number {
  const at = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `
    import { generateKeyPairSync } from 'node:crypto';
    const { writeBundle } = await import(${at('bundle-writer.ts')});
    const { openBundle } = await import(${at('bundle-reader.ts')});
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const own = generateKeyPairSync('x25519');
    const header = { protocol: 1, audience: Buffer.alloc(32), agency: 'H52', direction: 'TO_HUB',
      bundleId: Buffer.alloc(16), answers: Buffer.alloc(0), madeAtMs: 0n, hubIncarnation: 1n };
    const path = ${JSON.stringify(join(folder, 'large.bundle'))};
    const bundle = { path, force: true, header, signingKey: privateKey, recipient: own.publicKey };
    await writeBundle(bundle, async (add) => {
      for (let i = 0; i < ${items}; i++) await add('BATCH', Buffer.alloc(32), Buffer.alloc(2 ** 22));
    });
    const open = await openBundle(path, async () => publicKey);
    for (const entry of open.entries) await open.read(entry, own.privateKey);
    await open[Symbol.asyncDispose]();
    process.stdout.write(String(process.resourceUsage().maxRSS / 1024));`;
  return Number(
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }),
  );
}

test('I15: the memory of a bundle is that of a few items, however many it has', async () => {
  await using folder = await openScratch();
  const few = peakMemory(folder.path, 8);
  // 256 MB more in the file
  expect(peakMemory(folder.path, 72) - few).toBeLessThan(128);
}, 120_000);
