import { expand } from '@lienthong/shared-schema/runtime/compress.ts';
import { feedHeader, feedPage } from '@lienthong/shared-schema/wire/messages.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  callOf,
  openServedHub,
  secretsOfB,
  type ServedHub,
  type SyncRoute,
  syncRoutes,
} from '../../../test/support/served-hub.ts';
import { rowsOf } from '../../../test/support/test-hub.ts';
import {
  type Answer,
  type Call,
  type ClientCredentials,
  issueTestCertificate,
  refusalOf,
  TestClient,
} from '../../../test/support/test-server.ts';
import { type Authority, createAuthority } from '../pki/authority.ts';

let served: ServedHub;
let stranger: Authority;

beforeAll(async () => {
  served = await openServedHub();
  stranger = await createAuthority({ now: new Date(), commonName: 'Lien Thong Hub CA' });
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
});

describe.each(syncRoutes)('$method $path', (route) => {
  const answerTo = async (credentials?: ClientCredentials): Promise<Answer> => {
    using client = new TestClient(served.hub, served.server, credentials);
    return await client.call(await callOf(served, route, 'H52'));
  };

  test('without a certificate is refused', async () => {
    expect(refusalOf(await answerTo())).toMatchObject({
      status: 401,
      code: 'HUB_CERTIFICATE_REQUIRED',
    });
  });

  test('with a certificate of another authority of the same name is refused', async () => {
    const forged = await issueTestCertificate(stranger, 'H52');
    // registered by whatever accident: the chain alone must refuse it
    await registerCertificate(forged.fingerprint, 'H52');
    expect(refusalOf(await answerTo(forged))).toMatchObject({
      status: 403,
      code: 'HUB_CERTIFICATE_UNKNOWN',
    });
  });

  test('with a certificate of this authority that is not in the registry is refused', async () => {
    const unknown = await issueTestCertificate(served.hub.authority, 'H52');
    expect(refusalOf(await answerTo(unknown))).toMatchObject({
      status: 403,
      code: 'HUB_CERTIFICATE_UNKNOWN',
    });
  });

  test('with a certificate registered for another unit than it names is refused', async () => {
    const other = await issueTestCertificate(served.hub.authority, 'H54');
    await registerCertificate(other.fingerprint, 'H52');
    expect(refusalOf(await answerTo(other)).code).toBe('HUB_CERTIFICATE_UNKNOWN');
  });

  test('revoked, expired or frozen between two requests of one connection is refused', async () => {
    const unit = `'H52'`;
    const changes = [
      [
        `update registry.certificate set status = 'revoked' where agency = ${unit}`,
        `update registry.certificate set status = 'active' where agency = ${unit}`,
        'HUB_CERTIFICATE_UNKNOWN',
      ],
      [
        `update registry.certificate set not_after = now() - interval '1 s' where agency = ${unit}`,
        `update registry.certificate set not_after = now() + interval '1 y' where agency = ${unit}`,
        'HUB_CERTIFICATE_UNKNOWN',
      ],
      [
        `update registry.unit set status = 'frozen' where agency = ${unit}`,
        `update registry.unit set status = 'active' where agency = ${unit}`,
        'HUB_UNIT_FROZEN',
      ],
      [
        `update registry.unit set status = 'revoked' where agency = ${unit}`,
        `update registry.unit set status = 'active' where agency = ${unit}`,
        'HUB_CERTIFICATE_UNKNOWN',
      ],
    ] as const;
    using client = new TestClient(served.hub, served.server, served.certificate);
    const feed = { method: 'GET', path: '/sync/v1/feed?after=0' };
    expect((await client.call(feed)).status).toBe(200);
    for (const [change, restore, code] of changes) {
      await rowsOf(served.hub, change);
      const answer = await client
        .call(await callOf(served, route, 'H52'))
        .finally(() => rowsOf(served.hub, restore));
      expect(answer.reused).toBe(true);
      expect(refusalOf(answer)).toMatchObject({ status: 403, code });
      const again = await client.call(feed);
      expect([again.status, again.reused]).toEqual([200, true]);
    }
  });

  test("in the name of another unit gets not one byte of that unit's data", async () => {
    using client = new TestClient(served.hub, served.server, served.certificate);
    const named = {
      'x-agency': 'H53',
      agency: 'H53',
      'x-forwarded-for': 'H53',
      cookie: 'agency=H53',
    };
    const calls: Call[] = [];
    for (const agency of ['H52', 'H53']) {
      const call = await callOf(served, route, agency);
      const join = call.path.includes('?') ? '&' : '?';
      calls.push(
        { ...call, headers: named },
        { ...call, path: `${call.path}${join}agency=H53&unit=H53` },
      );
    }
    for (const call of calls) {
      const answer = await client.call(call);
      const text = await readable(route, answer);
      for (const secret of secretsOfB) expect(text).not.toContain(secret);
    }
  });
});

describe.each(syncRoutes.filter((route) => route.body !== undefined && route.nameless !== true))(
  '$method $path with a body',
  (route) => {
    test('in the name of another unit is refused and changes nothing', async () => {
      using client = new TestClient(served.hub, served.server, served.certificate);
      const before = await stateOfB();
      const answer = refusalOf(await client.call(await callOf(served, route, 'H53')));
      expect(answer).toMatchObject({ status: 403, code: 'HUB_AGENCY_MISMATCH' });
      expect(await stateOfB()).toEqual(before);
    });
  },
);

async function registerCertificate(fingerprint: string, agency: string): Promise<void> {
  await served.hub.database.pool.query(
    `insert into registry.certificate (fingerprint, agency, pem, not_after)
     values ($1, $2, '', now() + interval '1 year')`,
    [fingerprint, agency],
  );
}

const stateOfB = (): Promise<readonly (readonly unknown[])[]> =>
  rowsOf(
    served.hub,
    `select epoch, head_seq, feed_head, hello_at, status,
       (select count(*) from sync.totals_report where agency = 'H53'),
       (select count(*) from sync.verification where agency = 'H53') from registry.unit
     where agency = 'H53'`,
  );

/** Everything in an answer as text, with what is compressed expanded. */
async function readable({ path }: SyncRoute, { status, body }: Answer): Promise<string> {
  if (status !== 200 || !path.startsWith('/sync/v1/feed')) return body.toString();
  const page = feedPage.decode(body);
  const raw = await expand(page.content, Number(feedHeader.decode(page.header).rawBytes));
  // the page is read at all, and holds what is A's
  expect(raw?.toString()).toContain('001080000001');
  return `${body.toString()}${raw?.toString()}`;
}
