/** What came of a write, as an answer: where it is, its ETag, its warnings, or all of its errors. */
import { type Finding, severityOf } from '@lienthong/shared-schema/rules/findings.ts';
import type { FastifyReply } from 'fastify';

import { NodeError } from '../errors.ts';
import type { PointedFinding } from '../intake/read-json-section.ts';
import type { WriteOutcome, Written } from '../sync/write-once.ts';
import { type FieldProblem, replyProblem } from './reply-error.ts';

/** `created`: a new record stands at an address of its own. */
export function replyWrite(
  reply: FastifyReply,
  outcome: WriteOutcome,
  { created = false }: { readonly created?: boolean } = {},
): FastifyReply {
  switch (outcome.kind) {
    case 'changed':
      void reply.header('etag', `"${outcome.etag}"`);
      return replyProblem(reply, new NodeError('NODE_RECORD_CHANGED'));
    case 'faulty': {
      const errors = outcome.findings.filter((one) => isError(one)).map(problemOf);
      return replyProblem(reply, new NodeError('NODE_RECORD_FAULTY'), { errors });
    }
    case 'written':
      return replyWritten(reply, outcome.written, created);
  }
}

function replyWritten(reply: FastifyReply, written: Written, created: boolean): FastifyReply {
  const { state, recordId, row, etag, warnings } = written;
  if (etag !== null) void reply.header('etag', `"${etag}"`);
  if (state === 'waiting' && row !== null) {
    const { importId, sheet } = row;
    void reply.header('location', `/api/v1/intake/${importId}/rows/${sheet}/${row.row}`);
  } else if (created && recordId !== null) {
    void reply.header('location', `/api/v1/records/${recordId}`);
  }
  const done = created ? 201 : 200;
  return reply
    .status(state === 'waiting' ? 202 : done)
    .send({ state, recordId, row, etag, warnings: warnings.map(problemOf) });
}

const isError = (finding: Finding): boolean => severityOf(finding.code) === 'error';

const problemOf = ({ pointer, code, vi, en }: PointedFinding): FieldProblem => ({
  field: pointer,
  code,
  vi,
  en,
});
