import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { DeliveredItem } from '../delivered-item.ts';
import { sendGathered } from '../end-of-turn.ts';
import { findConsumer, leaderGroup } from '../ensure-group.ts';
import type { GroupContext, GroupMember } from '../group-context.ts';
import { resumeLetters } from '../letters/resume-letters.ts';
import { startPull } from '../pull.ts';
import { rawHeaders } from '../raw-headers.ts';
import { followLeaders } from './following.ts';
import type { Outstanding } from './gathering.ts';
import { type Leading, lead, soon } from './leading.ts';

/** Requests to go on with a key: those that wait for a next try included, which keep no others waiting. */
const resumedAtOnce = 50;
let joined = 0;

/** What the server says of a consumer with priority groups (ADR-42); the client's type leaves it out. */
interface PriorityState {
  readonly priority_groups?: readonly { readonly pinned_client_id?: string }[];
}

/**
 * A member of a group that keeps order. All members ask for events; the server pins one of them to the consumer
 * (ADR-42), which makes it the leader. It goes on being it as long as it asks often enough.
 */
export function joinOrderedGroup(context: GroupContext): GroupMember {
  const { store, source, options, consumer, lease, instance, logger } = context;
  const { group } = options;
  const facts = { store: store.name, group };
  joined += 1;
  const id = `${instance}-${joined}`;
  const followed = followLeaders(context, id, () => {
    // Who leads without being pinned gives way.
    if (pin === undefined) abandon('another member has been pinned');
  });
  let leading: Leading | undefined;
  let pin: string | undefined;
  let stopping = false;
  let heardAt = performance.now();
  let mayAskForOne = true;
  let underWay = 0;
  let ending = 0;

  // Others may be pinned after 0.4 of a lease of silence, and get what is in hand here after a whole one.
  const inTouch = () => !isClosing() && performance.now() - heardAt < lease * 0.6;
  const isClosing = () => store.connection.isClosed() || store.connection.isDraining();

  const pull = startPull(store, {
    stream: source.stream,
    consumer,
    expires: Math.max(50, Math.round(lease / 5)),
    room,
    asking: () => ({ group: leaderGroup, ...(pin !== undefined && { id: pin }) }),
    onContact() {
      if (!inTouch()) loseTouch();
      heardAt = performance.now();
    },
    deliver,
    onUnpinned() {
      pin = undefined;
      abandon('the server has pinned another member');
    },
    onLost: context.onLost,
    onRefused: context.onRefused,
    onTrouble(err) {
      const message = `Group ${group} gets no events: ${err.message}. It keeps asking`;
      logger.warn({ ...facts, err }, message);
    },
  });

  /** It leads only as long as it asks: where there is no room, for one now and then. */
  function room(): number {
    const free = leading?.room ?? 1;
    if (free > 0) return free;
    const one = mayAskForOne ? 1 : 0;
    mayAskForOne = false;
    return one;
  }

  function deliver(msg: Msg): void {
    const item = new DeliveredItem(source, msg, performance.now());
    if (stopping) {
      item.giveBack();
      return;
    }
    pin ??= rawHeaders(msg).ofServer('Nats-Pin-Id');
    beginToLead().take(item);
  }

  function beginToLead(): Leading {
    leading ??= lead(context, {
      id,
      outstanding,
      inTouch,
      isPinned: () => pin !== undefined,
      othersResume: () => ending > 0 || followed.hasUnpinnedLeader,
      onRoom: () => pull.request(),
      onGap: () => abandon('an event was lost on its way here, and is waited for'),
    });
    return leading;
  }

  // Any member may get the request. Where there are no events nobody is pinned, and who gets it leads.
  const resuming = resumeLetters(context, resumedAtOnce, async ({ key }) => {
    if (leading !== undefined) return resume(leading, key);
    if (followed.hasLeader || (await pinned()) !== undefined) return soon;
    return stopping ? 0 : resume(beginToLead(), key);
  });

  async function resume(own: Leading, key: string): Promise<number | undefined> {
    underWay += 1;
    try {
      const again = await own.resume(key);
      if (again === undefined && underWay === 1) void giveWay(own);
      return again;
    } finally {
      underWay -= 1;
    }
  }

  /** Who leads without being pinned does so no longer than it has to: a pinned one would wait. */
  async function giveWay(own: Leading): Promise<void> {
    if (pin !== undefined || leading !== own) return;
    leading = undefined;
    ending += 1;
    await own.stop();
    ending -= 1;
  }

  /** The pin that the server knows, whosever it is. */
  async function pinned(): Promise<string | undefined> {
    const info: ConsumerInfo & PriorityState = await store.manager.consumers.info(source.stream, consumer);
    return info.priority_groups?.[0]?.pinned_client_id || undefined;
  }

  async function giveWayToPinned(own: Leading): Promise<void> {
    const isPinned = (await pinned().catch(() => undefined)) !== undefined;
    if (isPinned) await giveWay(own);
  }

  async function outstanding(): Promise<Outstanding> {
    const { num_ack_pending, delivered } = await store.manager.consumers.info(source.stream, consumer);
    return { count: num_ack_pending, sequence: delivered.consumer_seq };
  }

  function loseTouch(): void {
    abandon('the server has not been heard for too long, or this process could do nothing');
  }

  function abandon(reason: string): void {
    const last = leading;
    leading = undefined;
    last?.abandon(reason);
  }

  const asking = setInterval(() => {
    mayAskForOne = true;
    pull.request();
  }, lease / 10);
  const ticking = setInterval(() => {
    followed.tick();
    if (leading === undefined) return;
    // Who stops asks no more, and is not to be silent on what it has under way.
    if (stopping || inTouch()) {
      leading.tick();
      if (pin === undefined) void giveWayToPinned(leading);
    } else loseTouch();
  }, lease / 5);

  pull.request();
  return {
    get running() {
      return (leading?.running ?? 0) + followed.running;
    },
    reconnected() {
      pull.restart();
      resuming.reconnected();
    },
    async stop() {
      stopping = true;
      const ended = Promise.all([leading?.stop(), followed.stop(), resuming.stop()]);
      await pull.stop().catch((err: Error) => {
        const message = `Group ${group} stops, and what was on its way to it comes again after its lease: ${err.message}`;
        logger.warn({ ...facts, err }, message);
      });
      await Promise.all([ended, pin === undefined ? withdraw() : resign(pin)]);
      clearInterval(ticking);
      clearInterval(asking);
    },
    giveUp(reason) {
      leading?.giveUp(reason);
      followed.giveUp(reason);
    },
  };

  /**
   * Its last request stays on the server, which would pin whom nobody hears to it with the next event, for a time of
   * silence. To be asked about the consumer makes the server look through its requests (nats-server, `processWaiting`).
   */
  async function withdraw(): Promise<void> {
    if (store.connection.isClosed()) return;
    try {
      await findConsumer(store, source.stream, consumer);
    } catch (err) {
      const message = `Group ${group} may get its next event after a while, since this member could not withdraw`;
      logger.info({ ...facts, err }, message);
    }
  }

  /** Lets another member be pinned now, instead of after a time of silence, to wait for the end of what is under way. */
  async function resign(own: string): Promise<void> {
    if (store.connection.isClosed()) return;
    sendGathered();
    try {
      // After that silence it is another one's.
      if ((await pinned()) !== own) return;
      await store.manager.consumers.unpin(source.stream, consumer, leaderGroup);
    } catch (err) {
      logger.info(
        { ...facts, err },
        `Group ${group} gets another leader after a while, since this one could not resign`,
      );
    }
  }
}
