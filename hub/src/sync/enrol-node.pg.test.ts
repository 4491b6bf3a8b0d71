import type { KeyObject } from 'node:crypto';

import { readInvitation } from '@lienthong/shared-schema/enrolment/invitation.ts';
import type {
  EnrolmentAnswer,
  EnrolmentRequest,
} from '@lienthong/shared-schema/enrolment/request.ts';
import { enrolmentStatement } from '@lienthong/shared-schema/enrolment/statement.ts';
import { certificateFingerprint } from '@lienthong/shared-schema/runtime/certificate.ts';
import {
  createSigningKeyPair,
  privateKeyToPem,
  publicKeyFromPem,
  publicKeyId,
  publicKeyToPem,
  signBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openTestHub, rowsOf, type TestHub } from '../../../test/support/test-hub.ts';
import { serveTestHub, TestClient, type TestServer } from '../../../test/support/test-server.ts';
import { listEnrolments } from '../db/enrolment.ts';
import { readRevocations } from '../outside/revocation-file.ts';
import { forgeRequest } from '../pki/request-fixture.ts';
import { createRsaKeyPair, type RsaKeyPair } from '../pki/rsa-key.ts';
import { approveEnrolment, inviteUnit, requestEnrolment, revokeUnit } from './enrol-node.ts';

const dayMs = 86_400_000;
let hub: TestHub;
let server: TestServer;
let rsa: RsaKeyPair;

beforeAll(async () => {
  hub = await openTestHub();
  server = await serveTestHub(hub);
  rsa = await createRsaKeyPair();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
});

const agencies = ['H52', 'H53', 'H55', 'H56', 'H57', 'H50', 'H01', 'G09', 'G11', 'G12', 'G15'];
let used = 0;
/** Each test enrols a unit of its own. */
function newAgency(): string {
  used += 1;
  return agencies[used - 1] ?? 'none left';
}

async function invite(agency: string): Promise<string> {
  const line = await inviteUnit(hub, { agency, host: 'hub.example', port: 8443 });
  return readInvitation(line)?.token ?? '';
}

type Made = { readonly request: EnrolmentRequest; readonly signingKey: KeyObject };

function makeRequest(
  token: string,
  agency: string,
  changes: { readonly name?: string; readonly signed?: Partial<EnrolmentRequest> } = {},
): Made {
  const keys = createSigningKeyPair();
  const subject = [{ name: 'commonName', value: changes.name ?? agency }];
  const statement = {
    token,
    agency,
    signingRequest: forgeRequest({ ...rsa, subject }),
    signingKey: publicKeyToPem(keys.publicKey),
  };
  const signed = enrolmentStatement({ ...statement, ...changes.signed });
  const signature = Buffer.from(signBytes(keys.privateKey, domains.enrolment, signed));
  return {
    request: { ...statement, signature: signature.toString('base64') },
    signingKey: keys.privateKey,
  };
}

const digestAs = async (certificate: string): Promise<number> => {
  const credentials = { key: privateKeyToPem(rsa.privateKey), cert: certificate };
  using client = new TestClient(hub, server, credentials);
  const answer = await client.call({ method: 'GET', path: '/sync/v1/feed?after=0' });
  return answer.status;
};

/** Invites, requests, approves and asks again: the way of every unit. */
async function enrol(agency: string): Promise<Made & { readonly certificate: string }> {
  const made = makeRequest(await invite(agency), agency);
  const { enrolment } = await requestEnrolment(hub, made.request);
  await approveEnrolment(hub, hub.authority, BigInt(enrolment));
  const { certificate } = await requestEnrolment(hub, made.request);
  return { ...made, certificate: certificate ?? '' };
}

test('an invitation names the hub, its root and the agency, and its token is not stored', async () => {
  const agency = newAgency();
  const line = await inviteUnit(hub, { agency, host: 'hub.example', port: 8443 });
  const invitation = readInvitation(line);
  expect(invitation).toMatchObject({
    host: 'hub.example',
    port: 8443,
    agency,
    rootFingerprint: Buffer.from(hub.audience).toString('hex'),
    expiresAt: new Date(hub.now().getTime() + 14 * dayMs).toISOString(),
  });
  const tables = await rowsOf(
    hub,
    'select i::text, u::text from registry.invitation i, registry.unit u',
  );
  expect(JSON.stringify(tables)).not.toContain(invitation?.token);
});

test.each(['X99', 'H52.01', 'h52', '', 'H03'])('there is no invitation for %j', async (agency) => {
  await expect(invite(agency)).rejects.toMatchObject({ code: 'HUB_AGENCY_UNKNOWN' });
});

test('a unit asks over TLS, is approved by a person, and its certificate is then heard', async () => {
  const agency = newAgency();
  const { request } = makeRequest(await invite(agency), agency);
  using client = new TestClient(hub, server);
  const ask = async (): Promise<EnrolmentAnswer> => {
    const answer = await client.call({
      method: 'POST',
      path: '/enrol/v1/requests',
      body: Buffer.from(JSON.stringify(request)),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body.toString());
  };
  const first = await ask();
  expect(first).toMatchObject({ status: 'pending', certificate: null });
  expect(await ask()).toEqual(first);
  const listed = (await listEnrolments(hub.database.db)).find((one) => one.agency === agency);
  expect(listed).toMatchObject({
    id: BigInt(first.enrolment),
    status: 'pending',
    tlsKeyId: publicKeyId(rsa.publicKey),
  });
  await approveEnrolment(hub, hub.authority, BigInt(first.enrolment));
  const approved = await ask();
  expect(approved.status).toBe('approved');
  expect(await digestAs(approved.certificate ?? '')).toBe(200);
  expect(publicKeyFromPem(approved.hubSigningKey).asymmetricKeyType).toBe('ed25519');
});

test('an invitation is used once: another request under it is refused, the same is answered', async () => {
  const agency = newAgency();
  const token = await invite(agency);
  const { request } = makeRequest(token, agency);
  const first = await requestEnrolment(hub, request);
  await expect(requestEnrolment(hub, makeRequest(token, agency).request)).rejects.toMatchObject({
    code: 'HUB_INVITATION_INVALID',
  });
  // also after the invitation has ended: the unit may take as long as the operator to come back
  hub.clock.now = new Date(hub.now().getTime() + 30 * dayMs);
  expect(await requestEnrolment(hub, request)).toEqual(first);
  hub.clock.now = new Date(hub.now().getTime() - 30 * dayMs);
});

test('of two requests at the same moment under one invitation one is taken', async () => {
  const agency = newAgency();
  const token = await invite(agency);
  const outcomes = await Promise.allSettled(
    [1, 2].map(() => requestEnrolment(hub, makeRequest(token, agency).request)),
  );
  expect(outcomes.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('an expired invitation is refused to the second', async () => {
  const agency = newAgency();
  const token = await invite(agency);
  const { request } = makeRequest(token, agency);
  const start = hub.now().getTime();
  hub.clock.now = new Date(start + 14 * dayMs);
  await expect(requestEnrolment(hub, request)).rejects.toMatchObject({
    code: 'HUB_INVITATION_INVALID',
  });
  hub.clock.now = new Date(start + 14 * dayMs - 1);
  expect((await requestEnrolment(hub, request)).status).toBe('pending');
  hub.clock.now = new Date(start);
});

test('wrong tokens, names and signatures are refused, and the invitation stays good', async () => {
  const agency = newAgency();
  const token = await invite(agency);
  const other = createSigningKeyPair();
  const refusals: readonly (readonly [EnrolmentRequest, string])[] = [
    [makeRequest('0'.repeat(64), agency).request, 'HUB_INVITATION_INVALID'],
    [makeRequest(token, 'H60').request, 'HUB_INVITATION_INVALID'],
    [makeRequest(token, agency, { name: 'H60' }).request, 'HUB_ENROLMENT_INVALID'],
    [makeRequest(token, agency, { signed: { agency: 'H60' } }).request, 'HUB_ENROLMENT_INVALID'],
    [
      makeRequest(token, agency, { signed: { token: 'f'.repeat(64) } }).request,
      'HUB_ENROLMENT_INVALID',
    ],
    [
      { ...makeRequest(token, agency).request, signingKey: publicKeyToPem(other.publicKey) },
      'HUB_ENROLMENT_INVALID',
    ],
    [{ ...makeRequest(token, agency).request, signingKey: 'no key' }, 'HUB_ENROLMENT_INVALID'],
    [{ ...makeRequest(token, agency).request, signature: 'AAAA' }, 'HUB_ENROLMENT_INVALID'],
    [
      { ...makeRequest(token, agency).request, signingRequest: 'no request' },
      'HUB_ENROLMENT_INVALID',
    ],
  ];
  for (const [request, code] of refusals) {
    await expect(requestEnrolment(hub, request)).rejects.toMatchObject({ code });
  }
  const { request } = makeRequest(token, agency);
  expect((await requestEnrolment(hub, request)).status).toBe('pending');
});

test('what is decided is not decided again, and what is unknown is said', async () => {
  const agency = newAgency();
  const { request } = await enrol(agency);
  const { enrolment } = await requestEnrolment(hub, request);
  await expect(approveEnrolment(hub, hub.authority, BigInt(enrolment))).rejects.toMatchObject({
    code: 'HUB_ENROLMENT_DECIDED',
  });
  await expect(approveEnrolment(hub, hub.authority, 999_999n)).rejects.toMatchObject({
    code: 'HUB_ENROLMENT_UNKNOWN',
  });
  expect(
    await rowsOf(hub, `select count(*) from registry.certificate where agency = '${agency}'`),
  ).toEqual([[1n]]);
});

test('a new enrolment revokes the certificate before it and changes the signing key', async () => {
  const agency = newAgency();
  const old = await enrol(agency);
  expect(await digestAs(old.certificate)).toBe(200);
  const renewed = await enrol(agency);
  expect(await digestAs(old.certificate)).toBe(403);
  expect(await digestAs(renewed.certificate)).toBe(200);
  expect(
    await rowsOf(hub, `select signing_key from registry.unit where agency = '${agency}'`),
  ).toEqual([[renewed.request.signingKey]]);
  // noted outside the database: no restore of it brings the old one back
  const noted = await readRevocations(hub.dataDirectory);
  expect(noted.filter((one) => one.agency === agency)).toEqual([
    { fingerprint: certificateFingerprint(old.certificate), agency, what: 'certificate' },
  ]);
});

test('a revoked unit is not heard again until it is enrolled anew', async () => {
  const agency = newAgency();
  const { certificate } = await enrol(agency);
  expect(await revokeUnit(hub, agency)).toBe(1);
  expect(await digestAs(certificate)).toBe(403);
  expect(await revokeUnit(hub, agency)).toBe(0);
  expect(await digestAs((await enrol(agency)).certificate)).toBe(200);
  expect(await digestAs(certificate)).toBe(403);
  await expect(revokeUnit(hub, 'X99')).rejects.toMatchObject({ code: 'HUB_AGENCY_UNKNOWN' });
});

test('a frozen unit stays frozen when it is enrolled anew', async () => {
  const agency = newAgency();
  await enrol(agency);
  await rowsOf(hub, `update registry.unit set status = 'frozen' where agency = '${agency}'`);
  expect(await digestAs((await enrol(agency)).certificate)).toBe(403);
});
