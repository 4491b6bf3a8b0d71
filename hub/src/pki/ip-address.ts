// An IP address as the bytes that a certificate holds: four for IPv4, sixteen for IPv6.

import assert from 'node:assert/strict';
import { isIP } from 'node:net';

/** Takes any spelling that `net.isIP` takes, except one with a zone. */
export function ipAddressBytes(address: string): Buffer {
  const version = isIP(address);
  assert.ok(version !== 0 && !address.includes('%'), 'an IP address without a zone');
  if (version === 4) return Buffer.from(address.split('.').map(Number));
  // URL rewrites every spelling of IPv6, also one with an IPv4 tail, to hexadecimal groups.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = groups.split('::');
  const [before, after] = [splitGroups(head), splitGroups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const hex = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('');
  return Buffer.from(hex, 'hex');
}

function splitGroups(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}
