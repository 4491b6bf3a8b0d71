import { expect, test } from 'vitest';

import { maySealOffline } from './offline.ts';

test.each([
  ['before the first welcome', 0n, null, false],
  ['with the first hello under way', 0n, Buffer.alloc(16), false],
  ['after a welcome', 1n, null, true],
  ['with the next hello under way', 1n, Buffer.alloc(16), false],
])('%s nothing is numbered but under an epoch that nobody has left', (_, epoch, nonce, may) => {
  expect(maySealOffline({ epoch, helloNonce: nonce })).toBe(may);
});
