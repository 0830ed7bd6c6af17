import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@pipit/types-registry';
import type { DeliveredItem } from '../delivered-item.ts';

export interface Outstanding {
  /** How many events the server has delivered to the group and knows no end of. */
  readonly count: number;
  /** How many deliveries it had made by then. */
  readonly sequence: number;
}

export interface GatheringOptions {
  readonly store: string;
  readonly group: string;
  readonly lease: number;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  outstanding(): Promise<Outstanding>;
  /** Whether a member that is not pinned has letters under way, of which `outstanding` says nothing. */
  othersResume(): boolean;
  /** Asked for when nothing is under way elsewhere, so that nobody adds to them. */
  keysWithLetters(): Promise<Iterable<string>>;
  /** It is over. Called at once, so that no delivery comes in between. */
  begin(gathered: Gathered): void;
}

/** What a leader begins with. */
export interface Gathered {
  /** In the order of their positions. */
  readonly items: readonly DeliveredItem[];
  readonly keysWithLetters: Iterable<string>;
  /** How many deliveries there had been: of two leaders, the one with more is the newer. */
  readonly term: number;
}

/**
 * How a leader begins: what is delivered to it is kept until all that others had in hand has ended or come here too, so
 * that nothing overtakes it.
 */
export interface Gathering {
  readonly isOver: boolean;
  /** How many events to ask for meanwhile. */
  readonly room: number;
  /** Counts a delivery, also when it is over. @returns whether none before it was lost on its way */
  count(item: DeliveredItem): boolean;
  /** Has it until it is over. */
  keep(item: DeliveredItem): void;
  /** Hands out what it has, to be given back. */
  release(): readonly DeliveredItem[];
  /** Fulfilled when it is over, or stopped. */
  readonly ended: Promise<void>;
}

/** Events to ask for at once while those of another leader come again. */
const gatheredAtOnce = 50;

export function startGathering(options: GatheringOptions): Gathering {
  const { store, group, lease, logger, stopping, outstanding, othersResume, keysWithLetters, begin } =
    options;
  const items: DeliveredItem[] = [];
  let isOver = false;
  // All deliveries from the first of these to the last have come here.
  let unbrokenFrom = 0;
  let lastSequence = -1;
  // The last delivery was one that comes again. The server prefers those to new ones.
  let isComingAgain = false;

  /** Whether it is over now. */
  async function look(): Promise<boolean> {
    const { count, sequence } = await outstanding();
    if (stopping.aborted) return false;
    // What was delivered since is here, but not in this count.
    const counted = items.filter((item) => item.sequence <= sequence).length;
    if (count > counted || othersResume()) return false;
    const keys = await keysWithLetters();
    if (stopping.aborted) return false;
    // One of those was lost on its way, and comes again.
    if (lastSequence > sequence && unbrokenFrom > sequence + 1) return false;
    lastSequence = Math.max(lastSequence, sequence);
    isOver = true;
    const inOrder = items.splice(0).sort((a, b) => a.position - b.position);
    begin({ items: inOrder, keysWithLetters: keys, term: sequence });
    return true;
  }

  async function gather(): Promise<void> {
    while (!stopping.aborted) {
      try {
        if (await look()) return;
        await delay(Math.min(200, lease / 10), undefined, { signal: stopping });
      } catch (error) {
        if (stopping.aborted) return;
        const err = error as Error;
        const message = `Group ${group} waits for its leader, who asks again: ${err.message}`;
        logger.warn({ store, group, err }, message);
        await delay(Math.min(1_000, lease / 5));
      }
    }
  }

  return {
    get isOver() {
      return isOver;
    },
    get room() {
      // New ones would only add to what the next leader has to wait for.
      return isComingAgain ? gatheredAtOnce : 0;
    },
    count(item) {
      const isNext = item.sequence === lastSequence + 1;
      lastSequence = item.sequence;
      isComingAgain = item.deliveryCount > 1;
      if (!isNext) unbrokenFrom = item.sequence;
      return isNext;
    },
    keep: (item) => void items.push(item),
    release: () => items.splice(0),
    ended: gather(),
  };
}
