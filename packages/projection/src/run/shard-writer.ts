import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import pRetry from 'p-retry';
import type { Projection } from '../define-projection.ts';
import type { OwnedShard, RowChange, StoredRow, VersionRows } from '../repository.ts';
import { RepositoryError } from '../repository-errors.ts';
import { StaleOwnerError, UnknownVersionError } from '../version-errors.ts';
import { foldEvents, type KeyedEvent } from './fold-events.ts';
import { inTime } from './in-time.ts';

/** Takes the events of one shard into its rows. */
export interface ShardWriter {
  readonly shard: number;
  /** Up to here its rows show the log, whether or not its checkpoint says so already. */
  readonly position: number;
  /**
   * Takes in events, in the order of positions, and everything up to a position with them. What passes is tried again
   * until the signal aborts.
   *
   * @throws StaleOwnerError; EventFailure; the signal's reason
   */
  write(events: readonly KeyedEvent[], position: number): Promise<void>;
  /** Writes how far it is, where only this process knows. @throws StaleOwnerError */
  keepCheckpoint(): Promise<void>;
  /** @throws StaleOwnerError */
  renew(lease: number): Promise<void>;
  /** Lets another have it. What is to be written after is not. */
  release(): Promise<void>;
}

/** An event cannot be taken in; `cause` says why. */
export class EventFailure extends Error {
  readonly event: KeyedEvent['event'];

  constructor(event: KeyedEvent['event'], cause: unknown) {
    super(`Event ${event.type} at position ${event.position} cannot be taken in.`, { cause });
    this.event = event;
  }
}

export interface ShardWriterOptions<Row> {
  readonly projection: Projection<Row>;
  readonly rows: VersionRows<Row>;
  readonly shard: number;
  readonly owned: OwnedShard<Row>;
  /** Rows to keep in memory. */
  readonly cached: number;
  readonly signal: AbortSignal;
  /** Told of a failure that may pass, before it is tried again. */
  onRetry(error: RepositoryError, pause: number): void;
}

export function shardWriter<Row>(options: ShardWriterOptions<Row>): ShardWriter {
  const { projection, rows, shard, owned, signal } = options;
  const view = projection.repository.name;
  const { isAtHand = false } = owned;
  /** `null`: there is none. */
  const cache = new LRUCache<string, { readonly stored: StoredRow<Row> | null }>({ max: options.cached });
  const alone = pLimit(1);
  let position = owned.checkpoint;
  let checkpoint = position;
  let isReleased = false;

  async function load(events: readonly KeyedEvent[]): Promise<ReadonlyMap<string, StoredRow<Row> | null>> {
    if (isAtHand) return await inTime(view, owned.load(events.flatMap(({ keys }) => keys)));
    const found = new Map<string, StoredRow<Row> | null>();
    const missing = new Set<string>();
    for (const { keys } of events) {
      for (const key of keys) {
        const cached = cache.get(key);
        if (cached === undefined) missing.add(key);
        else found.set(key, cached.stored);
      }
    }
    if (missing.size === 0) return found;
    const loaded = await inTime(view, owned.load([...missing]));
    for (const key of missing) {
      const stored = loaded.get(key) ?? null;
      found.set(key, stored);
      cache.set(key, { stored });
    }
    return found;
  }

  async function take(events: readonly KeyedEvent[], to: number): Promise<void> {
    const stored = await load(events);
    const changes = foldEvents(projection, (key) => stored.get(key) ?? undefined, events);
    if (changes.length > 0) {
      const revisions = await inTime(view, owned.write(changes, to));
      checkpoint = to;
      if (!isAtHand) {
        changes.forEach((change, index) => {
          cache.set(change.key, { stored: storedAfter(change, revisions?.[index]) });
        });
      }
    }
    position = to;
  }

  /** Where one of several events cannot be taken in, those before it are, and it is known which one it is. */
  async function takeAll(events: readonly KeyedEvent[], to: number): Promise<void> {
    try {
      await take(events, to);
    } catch (error) {
      cache.clear();
      const [only] = events;
      if (only === undefined || isAboutAll(error)) throw error;
      if (events.length === 1) throw new EventFailure(only.event, error);
      const middle = events.length >> 1;
      const last = events[middle - 1] as KeyedEvent;
      await takeAll(events.slice(0, middle), last.event.position);
      await takeAll(events.slice(middle), to);
    }
  }

  /** After a failure nobody knows whether the write before has happened. */
  async function lookUp(): Promise<void> {
    checkpoint = await inTime(view, rows.checkpoint(shard));
    position = Math.max(position, checkpoint);
  }

  async function persist(events: readonly KeyedEvent[], to: number): Promise<void> {
    let isCertain = true;
    await pRetry(
      async () => {
        if (isReleased) return;
        if (!isCertain) await lookUp();
        isCertain = false;
        if (to <= position) return;
        const from = position;
        const fresh = from < (events[0]?.event.position ?? 0) ? events : events.filter(isAfter(from));
        await takeAll(fresh, to);
      },
      {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 50,
        maxTimeout: 5_000,
        signal,
        shouldRetry: ({ error }) => isPassing(error),
        onFailedAttempt: ({ error, retryDelay }) => {
          if (isPassing(error)) options.onRetry(error, retryDelay);
        },
      },
    );
  }

  return {
    shard,
    get position() {
      return position;
    },
    write: (events, to) => alone(() => persist(events, to)),
    keepCheckpoint: () =>
      alone(async () => {
        if (isReleased || checkpoint >= position) return;
        await inTime(view, owned.write([], position));
        checkpoint = position;
      }),
    renew: (lease) => inTime(view, owned.renew(lease)),
    release() {
      // What is being tried again is so no more.
      isReleased = true;
      return alone(async () => {
        if (checkpoint < position) await inTime(view, owned.write([], position));
        await inTime(view, owned.release());
      });
    },
  };
}

function isAfter(position: number) {
  return ({ event }: KeyedEvent) => event.position > position;
}

function storedAfter<Row>(change: RowChange<Row>, revision: unknown): StoredRow<Row> {
  const { row, position, createdAt, updatedAt } = change;
  return { row, position, createdAt, updatedAt, revision };
}

function isPassing(error: unknown): error is RepositoryError {
  return error instanceof RepositoryError && error.passing;
}

/** Whether it would be the same with any event. */
function isAboutAll(error: unknown): boolean {
  if (error instanceof RepositoryError) return error.passing || error.reason === 'forbidden';
  return error instanceof StaleOwnerError || error instanceof UnknownVersionError;
}
