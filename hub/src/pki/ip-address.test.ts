import { expect, test } from 'vitest';

import { ipAddressBytes } from './ip-address.ts';

test.each([
  ['127.0.0.1', '7f000001'],
  ['255.0.10.9', 'ff000a09'],
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['fe80::', 'fe800000000000000000000000000000'],
  ['2001:DB8::8:800:200C:417A', '20010db80000000000080800200c417a'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
])('%s has the bytes %s', (address, hex) => {
  expect(ipAddressBytes(address).toString('hex')).toBe(hex);
});

test.each(['', 'localhost', '1.2.3', '1.2.3.256', 'fe80::1%eth0'])(
  '%j is not an address that a certificate can hold',
  (address) => {
    expect(() => ipAddressBytes(address)).toThrow('an IP address without a zone');
  },
);
