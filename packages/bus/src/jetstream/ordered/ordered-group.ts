import type { Msg } from '@nats-io/nats-core';
import { DeliveredItem } from '../delivered-item.ts';
import { leaderGroup } from '../ensure-group.ts';
import type { GroupContext, GroupMember } from '../group-context.ts';
import { startPull } from '../pull.ts';
import { rawHeaders } from '../raw-headers.ts';
import { followLeaders } from './following.ts';
import { type Leading, lead } from './leading.ts';

let joined = 0;

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
  const followed = followLeaders(context, id);
  let leading: Leading | undefined;
  let pin: string | undefined;
  let stopping = false;
  let heardAt = performance.now();

  // Others may be pinned after 0.4 of a lease of silence, and get what is in hand here after a whole one.
  const inTouch = () => performance.now() - heardAt < lease * 0.6;

  const pull = startPull(store, {
    stream: store.name,
    consumer,
    expires: Math.max(50, Math.round(lease / 5)),
    // Never none: it leads only as long as it asks, and what it asks for in vain is not much.
    room: () => Math.max(1, leading?.room ?? 1),
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

  function deliver(msg: Msg): void {
    const item = new DeliveredItem(source, msg, performance.now());
    if (stopping) {
      item.giveBack();
      return;
    }
    if (leading === undefined) {
      pin = rawHeaders(msg).ofServer('Nats-Pin-Id');
      leading = lead(context, { id, outstanding, inTouch, onRoom: () => pull.request() });
    }
    leading.take(item);
  }

  async function outstanding(): Promise<{ count: number; term: number }> {
    const { num_ack_pending, delivered } = await store.manager.consumers.info(store.name, consumer);
    return { count: num_ack_pending, term: delivered.consumer_seq };
  }

  function loseTouch(): void {
    abandon('the server has not been heard for too long, or this process could do nothing');
  }

  function abandon(reason: string): void {
    const last = leading;
    leading = undefined;
    last?.abandon(reason);
  }

  const ticking = setInterval(() => {
    followed.tick();
    if (leading === undefined) return;
    // Who stops asks no more, and is not to be silent on what it has under way.
    if (stopping || inTouch()) leading.tick();
    else loseTouch();
  }, lease / 5);

  pull.request();
  return {
    get running() {
      return (leading?.running ?? 0) + followed.running;
    },
    reconnected() {
      pull.restart();
    },
    async stop() {
      stopping = true;
      await pull.stop().catch((err: Error) => {
        const message = `Group ${group} stops, and what was on its way to it comes again after its lease: ${err.message}`;
        logger.warn({ ...facts, err }, message);
      });
      const wasLeading = leading !== undefined;
      await Promise.all([leading?.stop(), followed.stop()]);
      clearInterval(ticking);
      if (wasLeading) await resign();
    },
    giveUp(reason) {
      leading?.giveUp(reason);
      followed.giveUp(reason);
    },
  };

  /** Lets another member lead at once, instead of after a time of silence. */
  async function resign(): Promise<void> {
    if (store.connection.isClosed()) return;
    try {
      await store.manager.consumers.unpin(store.name, consumer, leaderGroup);
    } catch (err) {
      logger.info(
        { ...facts, err },
        `Group ${group} gets another leader after a while, since this one could not resign`,
      );
    }
  }
}
