/**
 * The connections of the server, counted by caller. One more than a caller may have is told to come
 * later at its first request and closed; twice as many are cut at once. A connection knows the requests
 * that are under way on it, since of those sent one behind the other HTTP tells only the first that the
 * connection is gone.
 */
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

import { clientIdentity } from '../pki/tls.ts';
import type { Pass } from './caller-gate.ts';
import type { HttpLimits } from './limits.ts';

export type Connection = {
  /** The fingerprint of a certificate of this hub's authority, or the address. */
  readonly caller: string;
  readonly surplus: boolean;
  readonly passes: Set<Pass>;
};

export type Connections = { readonly of: (socket: Socket) => Connection | undefined };

export function countConnections(server: Server, limits: HttpLimits): Connections {
  const connections = new WeakMap<Socket, Connection>();
  const counts = new Map<string, number>();
  server.maxConnections = limits.connectionsMax;
  server.on('secureConnection', (socket: TLSSocket) => {
    const caller = callerOf(socket);
    const count = (counts.get(caller) ?? 0) + 1;
    if (count > 2 * limits.callerConnectionsMax) {
      socket.destroy();
      return;
    }
    counts.set(caller, count);
    const surplus = count > limits.callerConnectionsMax;
    const connection = { caller, surplus, passes: new Set<Pass>() };
    connections.set(socket, connection);
    socket.once('close', () => {
      for (const pass of connection.passes) pass.close();
      connection.passes.clear();
      const left = (counts.get(caller) ?? 1) - 1;
      if (left === 0) counts.delete(caller);
      else counts.set(caller, left);
    });
  });
  return { of: (socket) => connections.get(socket) };
}

/** Certificates that anybody can make for himself count by address. */
function callerOf(socket: TLSSocket): string {
  const identity = clientIdentity(socket);
  return identity?.authorized === true ? identity.fingerprint : (socket.remoteAddress ?? 'nobody');
}
