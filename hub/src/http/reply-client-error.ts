/**
 * The answer to what is not HTTP: no request was read, so there is no route and no certificate to ask
 * for. Written on the socket by hand, in JSON since nobody knows who speaks, and the connection ends:
 * where the next request begins cannot be known.
 */
import type { Socket } from 'node:net';

import { HubError, type HubErrorCode } from '../errors.ts';
import type { HubContext } from '../sync/context.ts';

/** The status that HTTP has for it, and the code of our catalogue. */
const answers: Readonly<Record<string, readonly [string, HubErrorCode]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'HUB_UNREADABLE'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'HUB_TOO_LARGE'],
};
const badRequest = ['400 Bad Request', 'HUB_UNREADABLE'] as const;

/** Never logs the error itself: it holds the bytes that came. */
export function replyClientError(
  { code = '' }: { readonly code?: string },
  socket: Socket,
  log: HubContext['log'],
): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const [status, known] = answers[code] ?? badRequest;
  const { message } = new HubError(known);
  log.debug({ code: known, reason: code }, 'no request could be read');
  const body = JSON.stringify({ code: known, message, retryAfterS: 0 });
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
