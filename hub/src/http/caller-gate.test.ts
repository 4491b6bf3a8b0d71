import { expect, test } from 'vitest';

import { openCallerGate } from './caller-gate.ts';
import { hubHttpLimits } from './limits.ts';

const limits = {
  ...hubHttpLimits,
  callerRequestsMax: 3,
  callerBytesMax: 1_000_000,
  bytesMax: 1_500_000,
  requests: { burst: 100, perSecond: 1 },
  bytes: { burst: 10_000_000, perSecond: 1_000_000 },
};

test('what is under way is bounded for each caller, and there is room again when it has left', () => {
  const gate = openCallerGate(limits, () => 0);
  const passes = [0, 0, 0].map((bytes) => gate.enter('a', bytes));
  expect(() => gate.enter('a', 0)).toThrow(expect.objectContaining({ code: 'HUB_BUSY' }));
  const other = gate.enter('b', 0);
  passes[0]?.close();
  passes[0]?.close();
  passes[1]?.close();
  gate.enter('a', 0);
  gate.enter('a', 0);
  expect(() => gate.enter('a', 0)).toThrow(expect.objectContaining({ retryAfterS: 5 }));
  other.close();
});

test('a body is in memory until its work ends, although its connection has closed', async () => {
  const gate = openCallerGate(limits, () => 0);
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const pass = gate.enter('a', 900_000);
  const work = pass.work(() => promise);
  pass.close();
  expect(() => gate.enter('a', 200_000)).toThrow(expect.objectContaining({ code: 'HUB_BUSY' }));
  resolve(Buffer.alloc(10));
  await work;
  gate.enter('a', 900_000).close();
});

test('an answer counts until it has left, and work that failed leaves nothing behind', async () => {
  const gate = openCallerGate(limits, () => 0);
  const answered = gate.enter('a', 0);
  await answered.work(async () => Buffer.alloc(900_000));
  expect(() => gate.enter('a', 200_000)).toThrow(expect.objectContaining({ code: 'HUB_BUSY' }));
  answered.close();
  const failed = gate.enter('a', 900_000);
  await expect(failed.work(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  failed.close();
  gate.enter('a', 900_000).close();
});

test('I15: the memory for all is bounded, small questions and a first body always pass', () => {
  const gate = openCallerGate(limits, () => 0);
  const largest = gate.enter('a', 5_000_000);
  expect(() => gate.enter('b', 900_000)).toThrow(expect.objectContaining({ code: 'HUB_BUSY' }));
  gate.enter('b', 60_000).close();
  largest.close();
  gate.enter('b', 900_000).close();
});

test('beyond its rate a caller is told how long to wait, another one is not, and the wait is enough', () => {
  let now = 0;
  const gate = openCallerGate(limits, () => now);
  for (let n = 0; n < 100; n++) gate.enter('a', 0).close();
  expect(() => gate.enter('a', 0)).toThrow(
    expect.objectContaining({ code: 'HUB_QUOTA', status: 429, retryAfterS: 2 }),
  );
  gate.enter('b', 0).close();
  now = 1_000;
  gate.enter('a', 20_000_000).close();
  now = 5_000;
  // ten seconds of bytes are owed, four are paid
  expect(() => gate.enter('a', 0)).toThrow(expect.objectContaining({ retryAfterS: 7 }));
  now = 12_000;
  gate.enter('a', 0).close();
});

test('callers at rest are forgotten', () => {
  let now = 0;
  const gate = openCallerGate(limits, () => now);
  for (let n = 0; n < 1_000; n++) gate.enter(`caller ${n}`, 0).close();
  const busy = gate.enter('caller 1', 0);
  now = 600_000;
  gate.enter('one more', 0).close();
  expect(gate.callers()).toBe(2);
  busy.close();
});
