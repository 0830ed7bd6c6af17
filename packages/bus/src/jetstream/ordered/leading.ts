import { typeOfKey } from '../../aggregate-of-key.ts';
import { StoppedError } from '../../bus-errors.ts';
import { handlerRuns } from '../../delivery/handler-runs.ts';
import type { Item } from '../../delivery/item.ts';
import { createLanes } from '../../delivery/lanes.ts';
import { readableType } from '../../delivery/readable-type.ts';
import { settler } from '../../delivery/settle.ts';
import { createSlots } from '../../delivery/slots.ts';
import { createWorker } from '../../delivery/worker.ts';
import { type GroupMembers, type GroupProcess, groupMembers } from '../../ordered/group-members.ts';
import { DeliveredItem } from '../delivered-item.ts';
import type { GroupContext } from '../group-context.ts';
import { inHand } from '../in-hand.ts';
import { dispatching } from './dispatching.ts';
import { foreignMessages } from './foreign-messages.ts';
import { type Gathered, type GatheringOptions, startGathering } from './gathering.ts';
import { parkedKeys } from './parked-keys.ts';
import { type Fate, passingOver } from './passing-over.ts';
import { type RemoteMembers, remoteMembers } from './remote-members.ts';

/**
 * The time in which a member leads its group: it gets all events, keeps those of a key in their order, and has each
 * handled by the member that owns the key's partition.
 */
export interface Leading {
  /** How many more events it takes. Those behind an event that waits for its next try are not counted against it. */
  readonly room: number;
  readonly running: number;
  take(item: DeliveredItem): void;
  /**
   * Goes on with the letters of a key, before any later event of it. Resolves with the milliseconds after which to ask
   * again, if that is needed.
   */
  resume(key: string): Promise<number | undefined>;
  /** To be called several times in a lease. */
  tick(): void;
  /** Gives back what has not begun. Resolves when nothing is under way. */
  stop(): Promise<void>;
  /** Waits for nothing: another member may lead already. */
  abandon(reason: string): void;
  giveUp(reason: Error): void;
}

export interface LeadingOptions extends Pick<GatheringOptions, 'outstanding' | 'othersResume'> {
  /** Of this member of the group. */
  readonly id: string;
  /** A delivery to this leader was lost on its way: its event comes after its lease, and later ones come before. */
  onGap(): void;
  /** Whether the server has been heard lately. Without that, another member may lead by now. */
  inTouch(): boolean;
  isPinned(): boolean;
  /** There is room for more. */
  onRoom(): void;
}

/** Events in hand, and bytes of their payloads. */
const window = 1_000;
const mostBytes = 64 * 2 ** 20;
/** Milliseconds after which to ask again what cannot be done yet. */
export const soon = 200;

export function lead(
  context: GroupContext,
  { id, outstanding, inTouch, isPinned, othersResume, onRoom, onGap }: LeadingOptions,
): Leading {
  const { store, letters, options, consumer, lease, instance, logger, asked } = context;
  const { group, handlers, concurrency, partitions = 1, timeout, retry: policy } = options;
  const facts = { store: store.name, group };
  const stopping = new AbortController();
  const runs = handlerRuns({ group, timeout, when: policy.when, logger });
  const work = createWorker({ store: store.name, group, handlers, runs, logger });
  const held = inHand();
  const parked = new Set<string>();
  const waiting = new Set<string>();
  const resuming = new Set<Promise<void>>();
  const idle = Promise.withResolvers<void>();
  const self: GroupProcess = {
    id,
    slots: createSlots(concurrency),
    handles: (type) => handlers.has(type),
    attempt: work,
  };
  const members: GroupMembers = groupMembers(partitions, self);
  let remotes: RemoteMembers | undefined;

  const passing = passingOver({
    ...{ store: store.name, group, logger },
    handles: members.handles,
    asks: (type) => asked.has(type) || (remotes?.asks(type) ?? false),
    isAway: (type) => remotes?.isAway(type) ?? false,
  });
  let hearing: NodeJS.Timeout | undefined;

  const settling = settler<Item>({
    store: store.name,
    group,
    instance,
    policy,
    letters: letters.boxOf(consumer),
    alerts: context.alerts,
    recorder: context.recorder,
    logger,
    parked,
    waiting,
    stopping: stopping.signal,
    attempt: dispatching({
      ...{ self, members, inTouch, stopping: stopping.signal },
      wait: (item, type) =>
        item instanceof DeliveredItem && passing.fateOf(item, type) === undefined
          ? keep(item, type).then((fate) => fate === 'settle')
          : undefined,
    }),
  });

  const lanes = createLanes<() => Promise<void> | undefined>((work) => work());
  const keysWithLetters = parkedKeys(context, {
    ...{ parked, settling, stopping: stopping.signal },
    inTurn: (key, work) =>
      lanes.put(key, 0, () => {
        const ended = work();
        resuming.add(ended);
        return ended.then(() => void resuming.delete(ended));
      }),
  });

  function begin({ items, keysWithLetters: keys, term }: Gathered): void {
    const { connection, inboxPrefix } = store;
    for (const key of keys) parked.add(key);
    remotes = remoteMembers({
      connection,
      inboxPrefix,
      store: store.name,
      consumer,
      leader: id,
      term,
      lease,
      members,
      isPinned,
      onChange: passing.changed,
      foreign: foreignMessages({ store: store.name, group, logger }),
    });
    remotes.announce();
    hearing = setTimeout(passing.allHeard, lease / 10);
    for (const key of parked) keysWithLetters.found(key);
    for (const item of items) enqueue(item);
    onRoom();
  }

  const gathering = startGathering({
    ...{ store: store.name, group, lease, logger, outstanding, othersResume, begin },
    stopping: stopping.signal,
    keysWithLetters: () => letters.keysWithLetters(consumer),
  });

  function enqueue(item: DeliveredItem): void {
    if (!context.asksFor(typeOfKey(item.key))) {
      held.delete(item);
      item.ack();
      return;
    }
    lanes.put(item.key, item.position, () => {
      const ending = settle(item);
      if (ending === undefined) done(item);
      else return ending.then(() => done(item));
      return undefined;
    });
    if (parked.has(item.key)) keysWithLetters.expected(item.key);
  }

  function settle(item: DeliveredItem): Promise<void> | undefined {
    if (stopping.signal.aborted) return item.giveBack() as undefined;
    const type = readableType(item);
    const fate = type === undefined ? 'settle' : passing.fateOf(item, type);
    if (fate === 'settle') return settling.settle(item);
    if (fate === 'pass') return item.ack() as undefined;
    return settleLater(item, type as string);
  }

  async function settleLater(item: DeliveredItem, type: string): Promise<void> {
    const fate = await keep(item, type);
    if (fate === 'settle') await settling.settle(item);
    else if (fate === 'pass') item.ack();
    else item.giveBack();
  }

  async function keep(item: DeliveredItem, type: string): Promise<Fate> {
    waiting.add(item.key);
    const fate = await passing.wait(item, type);
    waiting.delete(item.key);
    return fate;
  }

  function done(item: DeliveredItem): void {
    held.delete(item);
    if (stopping.signal.aborted) endIfIdle();
    else onRoom();
  }

  function endIfIdle(): void {
    if (held.size === 0) idle.resolve();
  }

  function end(): void {
    stopping.abort();
    clearTimeout(hearing);
    self.slots.close();
    for (const item of gathering.release()) {
      held.delete(item);
      item.giveBack();
    }
    // Their turn gives them back.
    for (const giveBack of lanes.clear()) void giveBack();
    passing.stop();
    endIfIdle();
  }

  return {
    get room() {
      if (!gathering.isOver) return gathering.room;
      if (held.bytes > mostBytes) return 0;
      let blocked = 0;
      for (const key of waiting) blocked += 1 + lanes.waiting(key);
      return window + blocked - held.size;
    },
    get running() {
      return self.slots.used;
    },
    take(item) {
      if (stopping.signal.aborted) return item.giveBack();
      const isNext = gathering.count(item);
      if (!isNext && gathering.isOver) {
        item.giveBack();
        return onGap();
      }
      // The lease of one that is in hand has run out, or its renewal was late: it is the same event.
      if (held.has(item.position)) return undefined;
      held.add(item);
      if (gathering.isOver) enqueue(item);
      else gathering.keep(item);
      return undefined;
    },
    async resume(key) {
      if (!gathering.isOver || stopping.signal.aborted) return soon;
      return keysWithLetters.resume(key);
    },
    tick() {
      held.renew(lease / 4);
      if (!store.connection.isClosed()) remotes?.announce();
    },
    async stop() {
      end();
      await Promise.all([idle.promise, gathering.ended]);
      await Promise.all(resuming);
      remotes?.close(true);
    },
    abandon(reason) {
      const count = held.size;
      end();
      remotes?.close();
      runs.giveUp(new StoppedError(`The leadership of group ${group}`));
      if (count > 0) {
        logger.warn(
          { ...facts, count },
          `Group ${group} is led by this process no more, which gives back ${count} events: ${reason}`,
        );
      }
    },
    giveUp(reason) {
      runs.giveUp(reason);
      remotes?.close();
    },
  };
}
