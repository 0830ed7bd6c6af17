import { UnreadableEventError } from '@pipit/types-registry';
import pLimit from 'p-limit';
import type { EventReader, EventSelection } from '../event-reader.ts';

/** How far a projection is behind its log. */
export interface Lag {
  /** Up to here all rows show the log. */
  readonly position: number;
  /** Where the log ends. */
  readonly end: number;
  /** Positions that the rows do not show, whether or not they hold events for them. */
  readonly behind: number;
  /**
   * The age of the oldest event that the rows do not show, by its own time; 0 where they show all. `undefined` where that
   * event cannot be read.
   */
  readonly seconds: number | undefined;
  readonly shards: readonly ShardLag[];
  /** How many positions this process passed in a second, of late; `undefined` where it has passed none. */
  readonly perSecond: number | undefined;
  /** Seconds until the end is reached at this rate; 0 at the end, `undefined` where the rate is not known. */
  readonly remaining: number | undefined;
}

export interface ShardLag {
  readonly shard: number;
  readonly position: number;
  readonly behind: number;
  readonly seconds: number | undefined;
  /** Whether it is this process that takes events into it. */
  readonly isOwned: boolean;
}

export interface LagOptions {
  readonly reader: EventReader;
  readonly selection: EventSelection;
  /** How far each shard is. */
  positions(): Promise<readonly { readonly position: number; readonly isOwned: boolean }[]>;
  perSecond(): number | undefined;
}

export async function measureLag({ reader, selection, positions, ...speed }: LagOptions): Promise<Lag> {
  // First how far it is: the other way round, it would seem behind for what was appended in between.
  const reached = await positions();
  const end = await reader.position();
  const now = Date.now();
  const few = pLimit(4);
  const behind = [...new Set(reached.map(({ position }) => position))].filter((position) => position < end);
  const ages = new Map(
    await Promise.all(
      behind.map((position) =>
        few(async () => [position, await ageAfter(reader, selection, position, now)] as const),
      ),
    ),
  );
  const secondsAt = (position: number) => (position < end ? ages.get(position) : 0);
  const position = Math.min(...reached.map((shard) => shard.position));
  const left = Math.max(0, end - position);
  const perSecond = speed.perSecond();
  return {
    position,
    end,
    behind: left,
    seconds: secondsAt(position),
    shards: reached.map((shard, index) => ({
      shard: index,
      position: shard.position,
      behind: Math.max(0, end - shard.position),
      seconds: secondsAt(shard.position),
      isOwned: shard.isOwned,
    })),
    perSecond,
    remaining: left === 0 ? 0 : perSecond === undefined || perSecond === 0 ? undefined : left / perSecond,
  };
}

/** Seconds since the first event behind a position that the projection is made of; 0 where there is none. */
async function ageAfter(
  reader: EventReader,
  selection: EventSelection,
  position: number,
  now: number,
): Promise<number | undefined> {
  try {
    for await (const { time } of reader.read({ ...selection, fromPosition: position + 1 })) {
      return Math.max(0, now - time.getTime()) / 1_000;
    }
    return 0;
  } catch (error) {
    if (error instanceof UnreadableEventError) return undefined;
    throw error;
  }
}
