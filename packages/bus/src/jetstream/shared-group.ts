import { typeOfKey } from '../aggregate-of-key.ts';
import { handlerRuns } from '../delivery/handler-runs.ts';
import type { Item } from '../delivery/item.ts';
import { givenBack, type Outcome } from '../delivery/outcome.ts';
import { readableType } from '../delivery/readable-type.ts';
import { type Announce, settler } from '../delivery/settle.ts';
import { createSlots } from '../delivery/slots.ts';
import { createWorker } from '../delivery/worker.ts';
import { DeliveredItem } from './delivered-item.ts';
import type { GroupContext, GroupMember } from './group-context.ts';
import { inHand } from './in-hand.ts';
import { resumeLetter } from './letters/resume-letter.ts';
import { resumeLetters } from './letters/resume-letters.ts';
import { createPrefetch } from './prefetch.ts';
import { startPull } from './pull.ts';

/** A member of a group without order: whoever has room gets the next event, and one that fails is overtaken. */
export function joinSharedGroup(context: GroupContext): GroupMember {
  const { store, source, letters, options, consumer, asked, lease, instance, logger } = context;
  const { group, handlers, concurrency, timeout, retry: policy } = options;
  const stopping = new AbortController();
  const slots = createSlots(concurrency);
  const runs = handlerRuns({ group, timeout, when: policy.when, logger });
  const work = createWorker({ store: store.name, group, handlers, runs, logger });
  const held = inHand();
  const prefetch = createPrefetch(concurrency);
  const idle = Promise.withResolvers<void>();
  const renewal = setInterval(() => held.renew(lease / 3), lease / 4).unref();

  const { settle, resume } = settler<Item>({
    store: store.name,
    group,
    instance,
    policy,
    letters: letters.boxOf(consumer),
    alerts: context.alerts,
    recorder: context.recorder,
    logger,
    stopping: stopping.signal,
    attempt(item, deliveryCount, announce) {
      const turn = slots.take(announce !== undefined);
      if (turn === undefined && announce === undefined) return run(item, deliveryCount);
      return takeTurn(item, deliveryCount, turn, announce);
    },
  });

  async function takeTurn(
    item: Item,
    deliveryCount: number,
    turn: Promise<boolean> | undefined,
    announce: Announce | undefined,
  ): Promise<Outcome> {
    if (turn !== undefined && !(await turn)) return givenBack;
    if (announce === undefined) return run(item, deliveryCount);
    try {
      await announce();
      return await run(item, deliveryCount, true);
    } catch (reason) {
      slots.free(true);
      throw reason;
    }
  }

  function run(item: Item, deliveryCount: number, alone = false): Outcome | Promise<Outcome> {
    const begun = performance.now();
    const outcome = work(item, deliveryCount);
    return outcome instanceof Promise ? outcome.then(ended) : ended(outcome);

    function ended(outcome: Outcome): Outcome {
      prefetch.took(performance.now() - begun);
      slots.free(alone);
      return outcome;
    }
  }

  const pull = startPull(store, {
    stream: source.stream,
    consumer,
    room: () => Math.max(0, prefetch.most - held.size),
    deliver(msg) {
      const item = new DeliveredItem(source, msg, performance.now());
      if (stopping.signal.aborted) item.giveBack();
      else if (!held.has(item.position)) take(item);
    },
    onLost: context.onLost,
    onRefused: context.onRefused,
    onTrouble(err) {
      const message = `Group ${group} gets no events: ${err.message}. It keeps asking`;
      logger.warn({ store: store.name, group, err }, message);
    },
  });

  function take(item: DeliveredItem): void {
    if (!context.asksFor(typeOfKey(item.key))) {
      item.ack();
      return;
    }
    const type = readableType(item);
    if (type !== undefined && !handlers.has(type)) {
      passOver(item, type);
      return;
    }
    held.add(item);
    const ending = settle(item);
    if (ending === undefined) done(item);
    else void ending.then(() => done(item));
  }

  function done(item: DeliveredItem): void {
    held.delete(item);
    if (stopping.signal.aborted) endIfIdle();
    else pull.request();
  }

  /**
   * An event without a handler here is done with, unless another member of the group, of a newer release perhaps, has
   * asked for its aggregates: then it is not for this one to decide.
   */
  function passOver(item: DeliveredItem, type: string): void {
    if (asked.has(typeOfKey(item.key))) {
      item.ack();
      return;
    }
    const { position, deliveryCount } = item;
    item.giveBack(policy.delayAfter(1));
    logger.warn(
      { store: store.name, group, position, eventType: type, deliveryCount },
      `Group ${group} has no handler here for ${type} at position ${position}, and leaves it to a member that has one`,
    );
  }

  const resuming = resumeLetters(context, concurrency, async ({ position }) => {
    const letter = await letters.letter(consumer, position);
    const { again } =
      letter === undefined ? {} : await resumeLetter(context, letter, resume, stopping.signal);
    return again;
  });

  function endIfIdle(): void {
    if (held.size === 0) idle.resolve();
  }

  pull.request();
  return {
    get running() {
      return slots.used;
    },
    reconnected() {
      pull.restart();
      resuming.reconnected();
    },
    async stop() {
      stopping.abort();
      slots.close();
      await pull.stop().catch((err: Error) => {
        const message = `Group ${group} stops, and what was on its way to it comes again after its lease: ${err.message}`;
        logger.warn({ store: store.name, group, err }, message);
      });
      endIfIdle();
      await Promise.all([idle.promise, resuming.stop()]);
      clearInterval(renewal);
    },
    giveUp: (reason) => runs.giveUp(reason),
  };
}
