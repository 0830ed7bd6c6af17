import type { Logger } from '@pipit/types-registry';
import type { Alerts } from '../alerts.ts';
import type { CheckedOptions } from '../check-subscribe-options.ts';
import type { Item } from '../delivery/item.ts';
import { createLanes } from '../delivery/lanes.ts';
import { noHistory } from '../delivery/letter-box.ts';
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
  readonly order: 'key' | 'none';
  readonly partitions: number | undefined;
  join(member: GroupProcess, policy: RetryPolicy): void;
  /** It gets nothing more; what it has under way still counts. */
  leave(member: GroupProcess): void;
  /** Goes on with the letters of a key. */
  resume(letter: MemoryLetter): void;
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
  const order = partitions === undefined ? 'none' : 'key';
  const parked = partitions === undefined ? undefined : new Set<string>();
  const counts = new Map<number, number>();
  const ended = new Set<number>();
  // The position from which on some event may not have ended.
  let floor: number | undefined;
  let running: Running | undefined;
  const wanted = new Map<string, MemoryLetter>();

  interface Running {
    readonly members: GroupMembers;
    readonly stopping: AbortController;
    resume(letter: MemoryLetter): void;
    roomMade(): void;
  }

  async function* follow(signal: AbortSignal): AsyncIterable<FedEvent> {
    if (floor === undefined) {
      floor = typeof from === 'number' ? from : from === 'new' ? (await feed.position()) + 1 : 1;
    }
    yield* feed.follow(floor === 1 && from instanceof Date ? from : floor, signal);
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

    async function attempt(item: Item, deliveryCount: number, announce?: Announce): Promise<Outcome> {
      for (;;) {
        if (stopping.signal.aborted) return givenBack;
        const member = members.ownerOf(item.key, readableType(item));
        const turn = member.slots.take(announce !== undefined);
        if (turn !== undefined && !(await turn)) continue;
        try {
          await announce?.();
          return await member.attempt(item, deliveryCount);
        } finally {
          member.slots.free(announce !== undefined);
        }
      }
    }

    function deliver(event: FedEvent): void {
      if (ended.has(event.position)) return;
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
      ended.add(position);
      while (floor !== undefined && ended.delete(floor)) floor += 1;
      roomMade();
    }

    function roomMade(): void {
      if (inHand.size >= window) return;
      room.resolve();
    }

    /** Tells whether the letter's event has been handled. One that waits for its next try comes again by itself. */
    async function resumeOne(letter: MemoryLetter): Promise<boolean> {
      const { item, burial } = letter;
      const history = burial.state === 'dead' ? letters.historyOf(token, item.position) : noHistory;
      const again = (delay = 0) => {
        if (!stopping.signal.aborted) setTimeout(() => void resumeOne(letter), delay).unref();
      };
      const handled = await settling.resume(
        { ...item, ack: () => {}, buried: () => {}, giveBack: again },
        history,
      );
      if (handled) letters.remove(letter);
      return handled;
    }

    async function resumeKey(key: string): Promise<void> {
      for (const letter of letters.ofKey(token, key)) {
        const { errors, forgiven = 0 } =
          letter.burial.state === 'dead' ? letters.historyOf(token, letter.item.position) : noHistory;
        // Nobody has asked for this one.
        if (errors.length > forgiven || !(await resumeOne(letter))) return;
      }
      parked?.delete(key);
    }

    async function run(): Promise<void> {
      for await (const event of follow(stopping.signal)) {
        if (inHand.size >= window) {
          room = Promise.withResolvers();
          await room.promise;
        }
        if (stopping.signal.aborted) return;
        deliver(event);
      }
    }
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
      roomMade,
      resume({ item }) {
        if (parked !== undefined) lanes.put(item.key, 0, () => resumeKey(item.key));
        else {
          const letter = letters.find(token, item.position);
          if (letter !== undefined) void resumeOne(letter);
        }
      },
    };
  }

  return {
    order,
    partitions,
    join(member, policy) {
      if (running === undefined) running = begin(member, policy);
      else running.members.add(member);
      for (const letter of wanted.values()) running.resume(letter);
      wanted.clear();
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
      if (running === undefined) wanted.set(letter.item.key, letter);
      else running.resume(letter);
    },
  };
}
