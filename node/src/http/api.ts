/**
 * The REST API of the node, `/api/v1`: JSON for the programs and consoles of the unit. What is the same
 * for all its addresses stands here: types of content, validation, limits, what text may hold.
 */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { keptCodeBook } from '@lienthong/shared-schema/runtime/load-code-book.ts';
import type { FastifyInstance } from 'fastify';

import type { NodeContext } from '../sync/context.ts';
import { sharedSchemas } from './answer-schemas.ts';
import type { HttpLimits } from './limits.ts';
import { correctionRoutes } from './routes/corrections.ts';
import { dictionaryRoutes } from './routes/dictionary.ts';
import { intakeRoutes } from './routes/intake.ts';
import { overdueRoutes } from './routes/overdue.ts';
import { qualityRoutes } from './routes/quality.ts';
import { recordWriteRoutes } from './routes/record-writes.ts';
import { recordRoutes } from './routes/records.ts';
import { reviewRoutes } from './routes/review.ts';
import { statusRoutes } from './routes/status.ts';
import { unitRoutes } from './routes/units.ts';
import { sectionSchemas } from './section-schema.ts';
import { refuseUnstorable } from './storable.ts';

export type ApiContext = { readonly node: NodeContext; readonly limits: HttpLimits };

export async function api(app: FastifyInstance, context: ApiContext): Promise<void> {
  const { node, limits } = context;
  // headers of a write have refusals of their own, as 428
  app.setValidatorCompiler((route) =>
    route.httpPart === 'headers' ? () => true : TypeBoxValidatorCompiler(route),
  );
  // answers are built from typed values; a test holds them against their schemas
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  for (const schema of [...sharedSchemas, ...sectionSchemas]) app.addSchema(schema);
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'string' },
    parseJson,
  );
  app.addHook('preValidation', refuseUnstorable);
  // one count for all addresses together
  const mustBeSlow = app.rateLimit({ max: limits.requestsPerMinute, timeWindow: 60_000 });
  app.addHook('preParsing', async (request, reply) => {
    await mustBeSlow.call(app, request, reply);
  });
  app.addHook('onRoute', (route) => {
    route.bodyLimit = limits.recordBytesMax;
  });
  const writing = { node, codeBook: keptCodeBook() };
  recordRoutes(app, node);
  recordWriteRoutes(app, writing);
  unitRoutes(app, node);
  intakeRoutes(app, node);
  reviewRoutes(app, node);
  correctionRoutes(app, node);
  statusRoutes(app, node);
  overdueRoutes(app, node);
  qualityRoutes(app, node);
  dictionaryRoutes(app, writing);
}
