import type { Logger } from '@pipit/types-registry';
import { typeOfKey } from '../../aggregate-of-key.ts';
import type { Item } from '../../delivery/item.ts';

export interface PassingOverOptions {
  readonly store: string;
  readonly group: string;
  readonly logger: Logger;
  /** Whether a member that is there has a handler for this type. */
  handles(type: string): boolean;
  /** Whether a member that is there asked for aggregates of this type, so that it knows all of theirs that matter. */
  asks(aggregateType: string): boolean;
  /** Whether a member that is away just now, and may be back, has a handler for this type. */
  isAway(type: string): boolean;
}

/** `pass`: nobody wants it. */
export type Fate = 'settle' | 'pass' | 'give-back';

/**
 * What becomes of events of types that no member has a handler for. Where a member knows their aggregates, nobody wants
 * them. Otherwise a member of a newer release asked for them, which is going to come or was there: they wait for one in
 * their lane, since others of their aggregate would overtake them if they were given back.
 */
export interface PassingOver {
  /** What is to become of it; nothing where that is not known yet. */
  fateOf(item: Item, type: string): Fate | undefined;
  /** Resolves when that is known. */
  wait(item: Item, type: string): Promise<Fate>;
  /** All members had time to say that they are there. Nothing is passed over before. */
  allHeard(): void;
  /** The members have changed. */
  changed(): void;
  /** What waits is given back, and so is what comes. */
  stop(): void;
}

interface Waiting {
  readonly item: Item;
  readonly type: string;
  readonly decide: (fate: Fate) => void;
}

export function passingOver(options: PassingOverOptions): PassingOver {
  const { store, group, logger, handles, asks, isAway } = options;
  const told = new Set<string>();
  let waiting: Waiting[] = [];
  let isComplete = false;
  let stopped = false;

  function fateOf({ key }: Item, type: string): Fate | undefined {
    if (stopped) return 'give-back';
    if (handles(type)) return 'settle';
    if (!isComplete || isAway(type)) return undefined;
    return asks(typeOfKey(key)) ? 'pass' : undefined;
  }

  function changed(): void {
    const before = waiting;
    waiting = [];
    for (const each of before) {
      const fate = fateOf(each.item, each.type);
      if (fate === undefined) keep(each);
      else each.decide(fate);
    }
  }

  function keep(each: Waiting): void {
    waiting.push(each);
    const { type, item } = each;
    if (!isComplete || told.has(type)) return;
    told.add(type);
    const { position } = item;
    logger.warn(
      { store, group, position, type },
      `Group ${group} has no handler for ${type} at position ${position} now, and keeps such events, and what follows in their aggregates, until a member is there that has one`,
    );
  }

  return {
    fateOf,
    changed,
    wait(item, type) {
      const { promise, resolve: decide } = Promise.withResolvers<Fate>();
      keep({ item, type, decide });
      return promise;
    },
    allHeard() {
      isComplete = true;
      changed();
    },
    stop() {
      stopped = true;
      changed();
    },
  };
}
