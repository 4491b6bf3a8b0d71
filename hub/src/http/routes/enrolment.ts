/** `/enrol/v1/requests`: the one call without a client certificate; it needs the one-time token. */

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { EnrolmentAnswer, EnrolmentRequest } from '@lienthong/shared-schema/enrolment/request.ts';
import { enrolmentBytesMax } from '@lienthong/shared-schema/wire/limits.ts';
import type { FastifyInstance } from 'fastify';

import type { HubContext } from '../../sync/context.ts';
import { requestEnrolment } from '../../sync/enrol-node.ts';

export function enrolmentRoutes(app: FastifyInstance, hub: HubContext): void {
  // in a scope of its own: no other route reads JSON
  void app.register(async (scope) => {
    const parseJson = scope.getDefaultJsonParser('error', 'error');
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson);
    scope.withTypeProvider<TypeBoxTypeProvider>().post(
      '/enrol/v1/requests',
      {
        bodyLimit: enrolmentBytesMax,
        schema: { body: EnrolmentRequest, response: { 200: EnrolmentAnswer } },
      },
      async (request) => requestEnrolment(hub, request.body),
    );
  });
}
