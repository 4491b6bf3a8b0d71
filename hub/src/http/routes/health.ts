/** `/health`: whether the process can reach its database; says nothing else to anybody. */

import { ping } from '@lienthong/shared-schema/runtime/database.ts';
import type { FastifyInstance } from 'fastify';

import type { HubContext } from '../../sync/context.ts';

export function healthRoutes(app: FastifyInstance, hub: HubContext): void {
  app.get('/health', async () => {
    await ping(hub.database.db);
    return { status: 'ok' };
  });
}
