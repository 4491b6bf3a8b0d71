/** The hello at the hub, as `hub/src/sync/say-hello.ts` does it. */
import { transact } from '../engine.ts';
import { type Hello, hex, hubSigner, nothing, type Reply } from '../messages.ts';
import { clockOf, type World } from '../world.ts';
import { type Hub, keyOf, type Unit } from './state.ts';

export function hearHello(world: World, request: Hello): Reply {
  const { hub } = world;
  const { agency } = request;
  const { answer, relation, kind, freezes } = transact(hub.machine, 'hub hello', () => {
    const unit = hub.units.row(agency);
    const known = hub.inbox.get(keyOf(agency, request.headSeq))?.headerHash;
    const decision = world.cores.decideHello(
      { ...unit, incarnation: hub.files.incarnation },
      request,
      known,
      hub.spentHellos.has(keyOf(agency, hex(request.helloNonce))),
    );
    const welcome = decision.kind !== 'refuse';
    const lineageToken =
      decision.kind === 'repeat' ? unit.lineageToken : world.glue.nextToken(hub, unit.lineageToken);
    const made = {
      agency,
      helloNonce: request.helloNonce,
      hubIncarnation: hub.files.incarnation,
      epoch: welcome ? decision.epoch : 0n,
      relation: decision.relation,
      headSeq: unit.headSeq,
      headHash: unit.headHash,
      lineageToken: welcome ? lineageToken : nothing,
      appliedSeq: unit.appliedSeq,
      safeSeq: unit.safeSeq,
      released: unit.lineageToken.length === 0,
      clockMs: clockOf(world, hub.machine),
    };
    const body = world.glue.answerHello(hub, decision.kind, made);
    const signed = { signer: hubSigner, body };
    if (welcome) {
      world.glue.spendHello(hub, unit, request);
      hub.units.update(agency, {
        epoch: body.epoch,
        lineageToken,
        helloNonce: request.helloNonce,
      });
    } else if (decision.freeze) {
      hub.units.update(agency, { status: 'frozen', frozenReason: body.relation });
    }
    const isAlarm = decision.kind === 'refuse' && decision.freeze;
    return { kind: decision.kind, answer: signed, relation: body.relation, freezes: isAlarm };
  });
  world.shape(kind === 'repeat' ? 'hello repeated' : `hello ${relation}`);
  if (kind === 'welcome' && world.places.filter((one) => one.agency === agency).length > 1) {
    world.shape(request.from.endsWith('.b') ? 'copy is welcome' : 'original is welcome');
  }
  world.decided(`hello ${agency} ${kind} ${relation} ${answer.body.epoch}`);
  world.tell(
    request.from,
    `hello: ${kind} ${relation}, head ${answer.body.headSeq}, epoch ${answer.body.epoch}`,
  );
  if (kind === 'refuse' && relation === 'CLONED' && !freezes) world.shape('hello that is spent');
  world.observer.helloAnswered(request, kind, answer.body, freezes);
  return { kind: 'hello', answer };
}

/** The nonce of the welcome before is spent by the next one. */
export function spendHello(hub: Hub, { agency, helloNonce }: Unit, next: Hello): void {
  if (helloNonce === null || hex(helloNonce) === hex(next.helloNonce)) return;
  hub.spentHellos.set(keyOf(agency, hex(helloNonce)), true);
}
