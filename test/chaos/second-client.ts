/**
 * A second client of a node's certificate, which sends what the node has sent once more: the very
 * batches, under the epoch that the node has now or under an older one. A program on the unit's
 * machine that was started twice could do no worse. Every answer is judged.
 */

import type { Random } from '@lienthong/shared-schema/population/random.ts';
import { batchFrame, pushReply } from '@lienthong/shared-schema/wire/messages.ts';

import { NodeError } from '../../node/src/errors.ts';
import { openHubLink } from '../../node/src/link/hub-link.ts';
import { clientTlsOptions, loadIdentity } from '../../node/src/pki/identity.ts';
import { withClient } from '../services/postgres-databases.ts';

export type SecondClient = Disposable & {
  /** Sends one batch twice at once; returns what is wrong with the answers, if anything. */
  readonly repeat: (random: Random) => Promise<readonly string[]>;
  /** Answers of the hub so far, whatever they said. */
  readonly answers: () => number;
};

type Sealed = {
  readonly seq: string;
  readonly header: Buffer;
  readonly signature: Buffer;
  readonly content: Buffer;
  readonly receipt: Buffer | null;
  readonly epoch: string;
  readonly incarnation: string;
};

export async function openSecondClient(options: {
  readonly dataDirectory: string;
  readonly databaseUrl: string;
  readonly hubPort: number;
}): Promise<SecondClient> {
  const identity = await loadIdentity(options.dataDirectory);
  const link = openHubLink(
    { host: '127.0.0.1', port: options.hubPort },
    clientTlsOptions(identity),
  );
  let answers = 0;
  const send = async (batch: Sealed, epoch: bigint): Promise<readonly string[]> => {
    const frame = batchFrame.encode({
      hubIncarnation: BigInt(batch.incarnation),
      epoch,
      header: batch.header,
      signature: batch.signature,
      content: batch.content,
    });
    const reply = pushReply.decode(await link.post('/sync/v1/batches', frame));
    const { outcome } = reply;
    answers += 1;
    if (outcome === 'FORK') return [`batch ${batch.seq} sent again was called a fork`];
    if (outcome === 'ACCEPTED' && epoch !== BigInt(batch.epoch)) {
      return [`batch ${batch.seq} was accepted under an older epoch`];
    }
    if (outcome === 'DUPLICATE' && batch.receipt !== null) {
      const same = batch.receipt.equals(reply.receipt);
      return same ? [] : [`batch ${batch.seq} got a second receipt`];
    }
    if (outcome === 'ACCEPTED' && batch.receipt !== null) {
      return [`batch ${batch.seq} was accepted twice`];
    }
    return [];
  };
  return {
    async repeat(random) {
      const batch = await anySealed(options.databaseUrl, random);
      if (batch === undefined) return [];
      const epoch = BigInt(batch.epoch);
      const epochs = random() < 0.3 ? [epoch, epoch - 1n] : [epoch, epoch];
      const wrong = await Promise.all(
        epochs.map((one) =>
          send(batch, one).catch((error: unknown) => {
            // the hub is away or busy: that is no answer
            if (error instanceof NodeError) return [];
            throw error;
          }),
        ),
      );
      return wrong.flat();
    },
    answers: () => answers,
    [Symbol.dispose]: () => link[Symbol.dispose](),
  };
}

/** The newest batch as often as any other one. */
async function anySealed(url: string, random: Random): Promise<Sealed | undefined> {
  const share = random() < 0.5 ? 1 : random();
  return withClient(url, async (client) => {
    const { rows } = await client.query<Sealed>(
      `select b.seq::text, b.header, b.signature, b.content, b.receipt,
         l.epoch::text, l.hub_incarnation::text as incarnation
       from sync.outbox_batch b cross join sync.link l
       where b.content is not null and b.seq >= $1::float8 * (select max(seq) from sync.outbox_batch)
       order by b.seq limit 1`,
      [share],
    );
    return rows[0];
  });
}
