/** `invite`, `enrolments`, `approve`, `revoke`, `release`. */
import { printAnswer, table } from '@lienthong/shared-schema/runtime/answer.ts';
import type { Environment } from '@lienthong/shared-schema/runtime/settings.ts';
import { type Command, InvalidArgumentError } from 'commander';

import { readHubConfig } from '../config.ts';
import { listEnrolments } from '../db/enrolment.ts';
import { releaseUnit } from '../db/units.ts';
import { HubError } from '../errors.ts';
import { openHubContext } from '../hub.ts';
import { openAuthority } from '../pki/authority.ts';
import { approveEnrolment, inviteUnit, revokeUnit } from '../sync/enrol-node.ts';

function enrolmentId(text: string): bigint {
  if (!/^[0-9]{1,18}$/u.test(text)) throw new InvalidArgumentError('an enrolment has a number.');
  return BigInt(text);
}

export function enrolmentCommands(program: Command, env: Environment): void {
  const json = (): boolean => program.opts<{ json?: boolean }>().json === true;

  program
    .command('invite')
    .argument('<agency>', 'level-1 agency code, such as H52')
    .description('print an invitation for a unit: one line, valid once, for 14 days')
    .action(async (agency: string) => {
      const config = readHubConfig(env);
      await using hub = await openHubContext(config);
      const invitation = await inviteUnit(hub, { agency, ...config.publicAddress });
      printAnswer({ json: { agency, invitation }, lines: [invitation] }, json());
    });

  program
    .command('enrolments')
    .description('list enrolment requests with the ids of their keys')
    .action(async () => {
      await using hub = await openHubContext(readHubConfig(env));
      const enrolments = (await listEnrolments(hub.database.db)).map(
        ({ id, agency, status, tlsKeyId, requestedAt }) => ({
          id,
          agency,
          status,
          tlsKeyId,
          requestedAt,
        }),
      );
      const rows = enrolments.map((one) => [
        one.id.toString(),
        one.agency,
        one.status,
        one.tlsKeyId,
        one.requestedAt.toISOString(),
      ]);
      const lines = table([['ID', 'AGENCY', 'STATUS', 'TLS KEY', 'REQUESTED'], ...rows]);
      printAnswer({ json: { enrolments }, lines }, json());
    });

  program
    .command('approve')
    .argument('<id>', 'number of the enrolment', enrolmentId)
    .description('issue the certificate for an enrolment, after comparing its key with the unit')
    .action(async (id: bigint) => {
      const config = readHubConfig(env);
      await using hub = await openHubContext(config);
      const authority = await openAuthority(config.dataDirectory);
      const approved = await approveEnrolment(hub, authority, id);
      printAnswer(
        {
          json: approved,
          lines: [`${approved.agency} is active with certificate ${approved.fingerprint}.`],
        },
        json(),
      );
    });

  program
    .command('revoke')
    .argument('<agency>', 'agency whose certificates are revoked')
    .description('refuse the unit from its next request on')
    .action(async (agency: string) => {
      await using hub = await openHubContext(readHubConfig(env));
      const certificates = await revokeUnit(hub, agency);
      printAnswer(
        {
          json: { agency, certificates },
          lines: [`${certificates} certificates of ${agency} revoked.`],
        },
        json(),
      );
    });

  program
    .command('release')
    .argument('<agency>', 'agency of a frozen unit, or of one whose node is behind')
    .description(
      'let a frozen unit speak again, or a restored node rejoin, once the right machine is known',
    )
    .action(async (agency: string) => {
      await using hub = await openHubContext(readHubConfig(env));
      const was = await releaseUnit(hub.database.db, agency);
      if (was === undefined) throw new HubError('HUB_UNIT_INACTIVE', { detail: agency });
      const lines = [
        was === 'frozen' ? `${agency} may speak again.` : `${agency} was not frozen.`,
        "The machine that has the hub's head and speaks next is the unit. One that is behind, or has",
        'another history, runs `npm run node -- rejoin`; keep every other machine of it stopped.',
      ];
      printAnswer({ json: { agency, released: true, was }, lines }, json());
    });
}
