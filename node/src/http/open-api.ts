/** The contract of the routes as an OpenAPI document, made from their schemas and served with them. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** Register it before the routes: it sees only those that come after it. */
export async function openApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    // shared schemas under their own names
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, i) =>
        typeof $id === 'string' ? $id : `schema-${i}`,
    },
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Liên Thông: node',
        description:
          'For the programs of one unit. Refusals are application/problem+json (RFC 9457); the packet ' +
          'gateway keeps the reply that its programs know.',
        version: '1',
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
  });
}

/** Serves the document. */
export function openApiRoutes(app: FastifyInstance): void {
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
