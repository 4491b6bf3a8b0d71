/** `/health`: whether the process can reach its database; says nothing else to anybody. */
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';

import type { HubContext } from '../../sync/context.ts';

export function healthRoutes(app: FastifyInstance, hub: HubContext): void {
  app.get('/health', async () => {
    await sql`select 1`.execute(hub.database.db);
    return { status: 'ok' };
  });
}
