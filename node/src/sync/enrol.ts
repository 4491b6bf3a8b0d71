/**
 * Enrolment at the node: check the root's fingerprint before anything is said, then send the request
 * with proof of both keys, and fetch the certificate once a person at the hub has approved.
 */
import { createPublicKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  type InvitationText,
  readInvitation,
} from '@lienthong/shared-schema/enrolment/invitation.ts';
import type {
  EnrolmentAnswer,
  EnrolmentRequest,
} from '@lienthong/shared-schema/enrolment/request.ts';
import { enrolmentStatement } from '@lienthong/shared-schema/enrolment/statement.ts';
import { publicKeyId, signBytes } from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';

import { recordHub } from '../db/link.ts';
import { NodeError } from '../errors.ts';
import { callHub } from '../link/hub-link.ts';
import { saveIdentity } from '../pki/identity.ts';
import { prepareRequest } from '../pki/request.ts';
import { fetchTrustedRoot } from '../pki/trust.ts';
import type { NodeContext } from './context.ts';

const trustTimeoutMs = 10_000;
const askPauseMs = 1_000;

export type EnrolOptions = {
  readonly invitation: string;
  readonly dataDirectory: string;
  /** How long to ask for the approval before giving up; the same command goes on later. */
  readonly waitMs: number;
  /** Called once, with the id of the TLS key as the hub operator sees it in the list of requests. */
  readonly onPending?: (enrolment: string, tlsKeyId: string) => void;
};

export async function enrol(node: NodeContext, options: EnrolOptions): Promise<void> {
  const invitation = readInvitation(options.invitation);
  if (invitation === undefined) throw new NodeError('NODE_INVITATION_INVALID');
  if (invitation.agency !== node.agency) throw new NodeError('NODE_INVITATION_OTHER_AGENCY');
  const { host, port } = invitation;
  const rootPem = await fetchTrustedRoot({
    host,
    port,
    fingerprint: invitation.rootFingerprint,
    timeoutMs: trustTimeoutMs,
  });
  const { request, tlsKeyId } = await makeRequest(node, options.dataDirectory, invitation);
  const answer = await askUntilDecided(invitation, rootPem, request, {
    ...options,
    onPending: (enrolment) => options.onPending?.(enrolment, tlsKeyId),
  });
  await saveIdentity({
    directory: options.dataDirectory,
    certificatePem: answer.certificate ?? '',
    rootPem,
  });
  await recordHub(node.database.db, {
    address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    audience: Buffer.from(invitation.rootFingerprint, 'hex'),
    signingKey: answer.hubSigningKey,
  });
}

async function makeRequest(
  node: NodeContext,
  directory: string,
  invitation: InvitationText,
): Promise<{ readonly request: EnrolmentRequest; readonly tlsKeyId: string }> {
  const { keys, csrPem, signingPublicKeyPem } = await prepareRequest({
    directory,
    agency: node.agency,
  });
  const statement = {
    token: invitation.token,
    agency: node.agency,
    signingRequest: csrPem,
    signingKey: signingPublicKeyPem,
  };
  const proof = signBytes(keys.signingKey, domains.enrolment, enrolmentStatement(statement));
  return {
    request: { ...statement, signature: Buffer.from(proof).toString('base64') },
    tlsKeyId: publicKeyId(createPublicKey(keys.tlsKey)),
  };
}

async function askUntilDecided(
  invitation: InvitationText,
  rootPem: string,
  request: EnrolmentRequest,
  options: { readonly waitMs: number; readonly onPending: (enrolment: string) => void },
): Promise<EnrolmentAnswer> {
  const deadline = performance.now() + options.waitMs;
  let told = false;
  for (;;) {
    const answer = await ask(invitation, rootPem, request);
    if (answer.status === 'approved' && answer.certificate !== null) return answer;
    if (answer.status === 'rejected') throw new NodeError('NODE_ENROLMENT_REJECTED');
    if (!told) options.onPending(answer.enrolment);
    told = true;
    if (performance.now() > deadline) throw new NodeError('NODE_ENROLMENT_PENDING');
    await sleep(askPauseMs);
  }
}

async function ask(
  { host, port }: InvitationText,
  rootPem: string,
  request: EnrolmentRequest,
): Promise<EnrolmentAnswer> {
  const { status, body } = await callHub(
    { host, port },
    { ca: rootPem },
    {
      method: 'POST',
      path: '/enrol/v1/requests',
      contentType: 'application/json',
      body: Buffer.from(JSON.stringify(request)),
    },
  );
  const answer = readJson(body);
  // loaded here alone: every other command starts in two thirds of the time without it
  const { Value } = await import('typebox/value');
  const { EnrolmentAnswer: schema } = await import('@lienthong/shared-schema/enrolment/request.ts');
  if (status === 200 && Value.Check(schema, answer)) return answer;
  const message =
    typeof answer === 'object' && answer !== null && 'message' in answer ? answer.message : status;
  throw new NodeError('NODE_HUB_REFUSED', { detail: String(message) });
}

/** Undefined for what is no JSON, such as the page of a gateway in between. */
function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
