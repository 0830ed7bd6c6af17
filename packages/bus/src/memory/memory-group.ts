import type { Logger } from '@pipit/types-registry';
import type { Alerts } from '../alerts.ts';
import type { GroupLag } from '../bus.ts';
import type { CheckedOptions } from '../check-subscribe-options.ts';
import { failuresOf, isRedriven } from '../delivery/history.ts';
import type { Item } from '../delivery/item.ts';
import { createLanes } from '../delivery/lanes.ts';
import { givenBack, type Outcome } from '../delivery/outcome.ts';
import { readableType } from '../delivery/readable-type.ts';
import type { RetryPolicy } from '../delivery/retry-policy.ts';
import { type Announce, settler } from '../delivery/settle.ts';
import type { OperationRecorder } from '../operations.ts';
import { type GroupMembers, type GroupProcess, groupMembers } from '../ordered/group-members.ts';
import type { FedEvent, MemoryFeed } from './memory-feed.ts';
import { memoryItem } from './memory-item.ts';
import type { MemoryLetter, MemoryLetters } from './memory-letters.ts';

/** A group: how far it has come, whether or not it has members. */
export interface MemoryGroup {
  readonly partitions: number | undefined;
  join(member: GroupProcess, policy: RetryPolicy): void;
  /** It gets nothing more; what it has under way still counts. */
  leave(member: GroupProcess): void;
  /** Goes on with the letters of a key. */
  resume(letter: MemoryLetter): void;
  lag(): Promise<GroupLag>;
}

export interface MemoryGroupOptions {
  /** The name of the store. */
  readonly store: string;
  readonly feed: MemoryFeed;
  /** The group with its topic, if it has one: what its letters are kept under. */
  readonly token: string;
  readonly letters: MemoryLetters;
  readonly instance: string;
  readonly logger: Logger;
  readonly alerts: Alerts | undefined;
  readonly recorder: OperationRecorder | undefined;
}

/** Events in hand. */
const window = 1_000;

export function memoryGroup(
  { store, feed, token, letters, instance, logger, alerts, recorder }: MemoryGroupOptions,
  { group, from, partitions }: CheckedOptions,
): MemoryGroup {
  const parked = partitions === undefined ? undefined : new Set<string>();
  const counts = new Map<number, number>();
  // Positions that have come and not ended, in their order.
  const open = new Set<number>();
  // The position of the newest event that has come.
  let seen: number | undefined;
  let running: Running | undefined;

  interface Running {
    readonly members: GroupMembers;
    readonly stopping: AbortController;
    resume(letter: MemoryLetter): void;
  }

  async function* follow(signal: AbortSignal): AsyncIterable<FedEvent> {
    yield* feed.follow(await beginning(), signal);
  }

  /** Behind the first that has not ended there may be others that have. */
  async function beginning(): Promise<number | Date> {
    if (seen !== undefined) {
      const [first = seen + 1] = open;
      return first;
    }
    if (from instanceof Date) return from;
    if (from === 'start') return 1;
    const position = from === 'new' ? (await feed.position()) + 1 : from;
    seen = position - 1;
    return position;
  }

  function begin(first: GroupProcess, policy: RetryPolicy): Running {
    const stopping = new AbortController();
    const members = groupMembers(partitions ?? 1, first);
    const inHand = new Set<number>();
    let room = Promise.withResolvers<void>();
    const settling = settler<Item>({
      store,
      group,
      instance,
      policy,
      letters: letters.boxOf(token),
      alerts,
      recorder,
      logger,
      ...(parked !== undefined && { parked }),
      stopping: stopping.signal,
      attempt: (item, deliveryCount, announce) => attempt(item, deliveryCount, announce),
    });
    const lanes = createLanes<() => Promise<void> | undefined>((work) => work());

    async function attempt(item: Item, count: number, announce?: Announce): Promise<Outcome> {
      for (let deliveryCount = count; ; ) {
        if (stopping.signal.aborted) return givenBack;
        const member = members.ownerOf(item.key, readableType(item));
        const turn = member.slots.take(announce !== undefined);
        if (turn !== undefined && !(await turn)) continue;
        try {
          await announce?.();
          const outcome = await member.attempt(item, deliveryCount);
          // In hand while another member takes it: given back it would be overtaken.
          if (outcome !== givenBack || parked === undefined || stopping.signal.aborted) return outcome;
          deliveryCount += 1;
        } finally {
          member.slots.free(announce !== undefined);
        }
      }
    }

    function take(event: FedEvent): void {
      const { position } = event;
      const isNew = seen === undefined || position > seen;
      if (isNew) {
        seen = position;
        open.add(position);
      }
      if (open.has(position)) deliver(event);
    }

    function deliver(event: FedEvent): void {
      const type = readableType(event);
      if (type !== undefined && !members.handles(type)) {
        end(event.position);
        return;
      }
      const deliveryCount = (counts.get(event.position) ?? 0) + 1;
      counts.set(event.position, deliveryCount);
      inHand.add(event.position);
      const item = memoryItem(event, deliveryCount, {
        ack: () => end(event.position),
        giveBack(delay) {
          inHand.delete(event.position);
          if (!stopping.signal.aborted) setTimeout(() => deliver(event), delay).unref();
        },
      });
      // Without order, each event has a lane of its own.
      const lane = parked === undefined ? String(event.position) : item.key;
      lanes.put(lane, event.position, () => {
        if (!stopping.signal.aborted) return settling.settle(item);
        item.giveBack();
        return undefined;
      });
    }

    function end(position: number): void {
      inHand.delete(position);
      counts.delete(position);
      open.delete(position);
      roomMade();
    }

    function roomMade(): void {
      if (inHand.size >= window) return;
      room.resolve();
    }

    /** Tells whether the letter's event has been handled, or after how many milliseconds it is to be tried again. */
    async function resumeOne(letter: MemoryLetter): Promise<boolean | number> {
      const { item } = letter;
      let again: number | undefined;
      const giveBack = (delay = 0) => {
        again = delay;
      };
      const handled = await settling.resume(
        { ...item, ack: () => {}, buried: () => {}, giveBack },
        letters.historyOf(token, item.position),
      );
      if (handled) letters.remove(letter);
      return handled || (again ?? false);
    }

    function later(delay: number, work: () => void): void {
      setTimeout(() => {
        if (!stopping.signal.aborted) work();
      }, delay).unref();
    }

    function isWanted({ item, burial }: MemoryLetter): boolean {
      if (burial.state === 'parked') return parked !== undefined;
      return isRedriven(letters.historyOf(token, item.position), failuresOf(burial.history));
    }

    /** In the key's turn. */
    async function resumeKey(key: string): Promise<void> {
      for (const letter of letters.ofGroup(token)) {
        if (letter.item.key !== key) continue;
        // Nobody has asked for this one.
        if (!isWanted(letter)) return;
        const handled = await resumeOne(letter);
        if (handled === true) continue;
        if (handled !== false) later(handled, () => resume(letter.item));
        return;
      }
      parked?.delete(key);
    }

    async function resumeAlone(position: number): Promise<void> {
      const letter = letters.find(token, position);
      if (letter === undefined) return;
      const handled = await resumeOne(letter);
      if (typeof handled === 'number') later(handled, () => void resumeAlone(position));
    }

    function resume({ key, position }: Item): void {
      if (parked === undefined) void resumeAlone(position);
      else lanes.put(key, 0, () => resumeKey(key));
    }

    /** What somebody asked for while nobody was here, or was stopped in the middle of. */
    function resumeWanted(): void {
      const wanted = letters.ofGroup(token).filter(isWanted);
      if (parked === undefined) for (const { item } of wanted) resume(item);
      else for (const key of parked) lanes.put(key, 0, () => resumeKey(key));
    }

    async function run(): Promise<void> {
      for await (const event of follow(stopping.signal)) {
        if (inHand.size >= window) {
          room = Promise.withResolvers();
          await room.promise;
        }
        if (stopping.signal.aborted) return;
        take(event);
      }
    }
    resumeWanted();
    void run().catch((err: Error) => {
      logger.error({ store, group, err }, `Group ${group} gets no events any more: ${err.message}`);
    });

    stopping.signal.addEventListener('abort', () => {
      for (const giveBack of lanes.clear()) void giveBack();
      room.resolve();
    });

    return {
      members,
      stopping,
      resume: ({ item }) => resume(item),
    };
  }

  return {
    partitions,
    join(member, policy) {
      if (running === undefined) running = begin(member, policy);
      else running.members.add(member);
    },
    leave(member) {
      if (running === undefined) return;
      if (running.members.size > 1) running.members.remove(member);
      else {
        running.stopping.abort();
        running = undefined;
      }
    },
    resume(letter) {
      // Who begins finds what is wanted by itself.
      running?.resume(letter);
    },
    async lag() {
      // Where nothing has come, what is there lies before the beginning.
      const reached = seen ?? (from === 'start' ? 0 : await feed.position());
      return { behind: open.size + (await feed.countAfter(reached)) };
    },
  };
}
