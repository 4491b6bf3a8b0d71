/** A unit that speaks already is enrolled anew: its former certificate goes when the new one is given. */
import { readInvitation } from '@lienthong/shared-schema/enrolment/invitation.ts';
import { enrolmentStatement } from '@lienthong/shared-schema/enrolment/statement.ts';
import {
  createSigningKeyPair,
  publicKeyToPem,
  signBytes,
} from '@lienthong/shared-schema/runtime/signature.ts';
import { domains } from '@lienthong/shared-schema/wire/domains.ts';

import { HubError } from '../../../hub/src/errors.ts';
import { forgeRequest } from '../../../hub/src/pki/request-fixture.ts';
import { createRsaKeyPair } from '../../../hub/src/pki/rsa-key.ts';
import {
  approveEnrolment,
  inviteUnit,
  requestEnrolment,
  revokeUnit,
} from '../../../hub/src/sync/enrol-node.ts';
import { openTestHub, type TestHub } from '../../support/test-hub.ts';
import { failEverywhere, type Row, type Thoroughness } from '../every-point.ts';

async function request(hub: TestHub, rsa: Awaited<ReturnType<typeof createRsaKeyPair>>) {
  const agency = 'H52';
  const line = await inviteUnit(hub, { agency, host: 'hub.example', port: 8443 });
  const keys = createSigningKeyPair();
  const statement = {
    token: readInvitation(line)?.token ?? '',
    agency,
    signingRequest: forgeRequest({ ...rsa, subject: [{ name: 'commonName', value: agency }] }),
    signingKey: publicKeyToPem(keys.publicKey),
  };
  const proof = signBytes(keys.privateKey, domains.enrolment, enrolmentStatement(statement));
  return { ...statement, signature: Buffer.from(proof).toString('base64') };
}

export async function approve(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  const rsa = await createRsaKeyPair();
  const first = await requestEnrolment(hub, await request(hub, rsa));
  await approveEnrolment(hub, hub.authority, BigInt(first.enrolment));
  const second = await requestEnrolment(hub, await request(hub, rsa));
  const act = (database: typeof hub.database): Promise<unknown> =>
    approveEnrolment({ ...hub, database }, hub.authority, BigInt(second.enrolment));
  const subject = {
    name: 'approve an enrolment',
    side: 'hub',
    urls: { hub: hub.url },
    drawn: ['certificate', 'pem', 'fingerprint'],
    commits: 1,
    act,
    // an operator who did not see the outcome asks again, and is told
    again: (database: typeof hub.database) =>
      act(database).catch((error: unknown) => {
        if (!(error instanceof HubError) || error.code !== 'HUB_ENROLMENT_DECIDED') throw error;
      }),
  } as const;
  return await failEverywhere(subject, how);
}

export async function ask(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  const asked = await request(hub, await createRsaKeyPair());
  const subject = {
    name: 'take an enrolment request',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    act: (database: typeof hub.database) => requestEnrolment({ ...hub, database }, asked),
  } as const;
  return await failEverywhere(subject, how);
}

export async function revoke(how: Thoroughness): Promise<Row> {
  await using hub = await openTestHub();
  const first = await requestEnrolment(hub, await request(hub, await createRsaKeyPair()));
  await approveEnrolment(hub, hub.authority, BigInt(first.enrolment));
  const subject = {
    name: 'revoke a unit',
    side: 'hub',
    urls: { hub: hub.url },
    commits: 1,
    act: (database: typeof hub.database) => revokeUnit({ ...hub, database }, 'H52'),
  } as const;
  return await failEverywhere(subject, how);
}
