import type { EventStore } from '@pipit/store';
import type { Comment } from '../comments/comment.ts';
import type { Post } from '../posts/post.ts';
import type { User } from '../users/user.ts';
import type { SeedChange, SeedPlan } from './plan.ts';

type Store = Pick<EventStore<typeof User | typeof Post | typeof Comment>, 'appendAll' | 'exists'>;

export interface SeedReport {
  readonly events: number;
  readonly seconds: number;
  /** Aggregates that an earlier run with this seed has left. */
  readonly found: number;
}

/** Events and keys in one atomic batch, of 1,000 at most, and batches on the way at a time: what measures best. */
const batchSize = 800;
const atOnce = 4;

/**
 * Writes what is planned, and leaves out what an earlier run with the same plan has written: a batch is there as a whole
 * or not at all.
 *
 * @param onProgress told of aggregates, out of all that are planned
 */
export async function seedStore(
  store: Store,
  { phases }: SeedPlan,
  onProgress: (aggregates: number, of: string) => void,
): Promise<SeedReport> {
  const begun = performance.now();
  let events = 0;
  let done = 0;
  let found = 0;
  const isResumed = await isThere(phases[0]?.changes);

  async function isThere(changes: readonly SeedChange[] | undefined): Promise<boolean> {
    const [first] = changes ?? [];
    return first !== undefined && (await store.exists(first.aggregate, first.id));
  }

  async function write(changes: readonly SeedChange[], of: string): Promise<void> {
    if (isResumed && (await isThere(changes))) {
      found += changes.length;
    } else {
      const { results } = await store.appendAll(changes);
      events += results.reduce((sum, result) => sum + result.events.length, 0);
    }
    done += changes.length;
    onProgress(done, of);
  }

  // One after the other: views leave out a comment that comes before its post.
  for (const { of, changes } of phases) {
    const batches = batchesOf(changes);
    const writing = Array.from({ length: atOnce }, async () => {
      for (const batch of batches) await write(batch, of);
    });
    await Promise.all(writing);
  }
  return { events, found, seconds: (performance.now() - begun) / 1_000 };
}

function* batchesOf(changes: readonly SeedChange[]): Generator<readonly SeedChange[], undefined> {
  let batch: SeedChange[] = [];
  let size = 0;
  for (const change of changes) {
    const items = [change.events].flat().length;
    if (size + items > batchSize) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(change);
    size += items;
  }
  if (batch.length > 0) yield batch;
}
