import type { OwnedShard, VersionRows } from '../repository.ts';
import { RepositoryError } from '../repository-errors.ts';
import { StaleOwnerError } from '../version-errors.ts';
import { inTime } from './in-time.ts';
import { pause } from './pause.ts';
import type { ShardWriter } from './shard-writer.ts';

/** The shards that this process owns at the moment. */
export interface ShardOwnership {
  readonly owned: ReadonlyMap<number, ShardWriter>;
  /** Whether it has asked for shards, and has none. */
  readonly isStandby: boolean;
  /** Resolves when there is a shard, or the signal has aborted. */
  present(): Promise<void>;
  /** Another process owns it by now. */
  lost(error: StaleOwnerError): void;
  /**
   * Claims, renews and gives up shards, so that all processes that attend have their share, until the signal aborts. Then
   * gives up all.
   *
   * @throws UnknownVersionError where the version has been dropped; what does not pass
   */
  keep(): Promise<void>;
  /** Writes how far the shards are, for other processes to see, until the signal aborts. */
  keepCheckpoints(): Promise<void>;
}

/** Milliseconds in which a checkpoint that no row has been written with gets to others. */
const checkpointEvery = 250;

export interface OwnershipOptions<Row> {
  readonly view: string;
  readonly rows: VersionRows<Row>;
  readonly shards: number;
  /** Names the process. */
  readonly owner: string;
  /** Milliseconds. */
  readonly lease: number;
  readonly signal: AbortSignal;
  writerOf(shard: number, owned: OwnedShard<Row>): ShardWriter;
  /** Called when shards have come in. */
  onGain(): void;
  tell(level: 'info' | 'warn', message: string, facts: Readonly<Record<string, unknown>>): void;
}

export function shardOwnership<Row>(options: OwnershipOptions<Row>): ShardOwnership {
  const { view, rows, shards, owner, lease, signal, tell } = options;
  const owned = new Map<number, ShardWriter>();
  let hasAsked = false;
  let hasGained = false;
  let gain = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => gain.resolve(), { once: true });

  function gained(): void {
    if (!hasGained) return;
    hasGained = false;
    gain.resolve();
    gain = Promise.withResolvers();
    options.onGain();
  }

  function lost(error: StaleOwnerError): void {
    if (owned.delete(error.shard))
      tell('warn', 'projection lost a shard', { shard: error.shard, err: error });
  }

  async function unlessLost(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof StaleOwnerError)) throw error;
      lost(error);
    }
  }

  async function giveUp(writer: ShardWriter): Promise<void> {
    owned.delete(writer.shard);
    await unlessLost(writer.release());
  }

  async function claim(shard: number): Promise<void> {
    const claimed = await inTime(view, rows.claim(shard, owner, lease));
    if (claimed === undefined) return;
    owned.set(shard, options.writerOf(shard, claimed));
    hasGained = true;
    tell('info', 'projection owns a shard', { shard, position: claimed.checkpoint });
  }

  /** @returns whether it has its share */
  async function round(): Promise<boolean> {
    const processes = await inTime(view, rows.attend(owner, lease));
    const share = Math.ceil(shards / processes);
    await Promise.all(Array.from(owned.values(), (writer) => unlessLost(writer.renew(lease))));
    for (const writer of [...owned.values()].slice(share)) {
      await giveUp(writer);
      tell('info', 'projection gave up a shard', {
        shard: writer.shard,
        position: writer.position,
        processes,
      });
    }
    const free = Array.from({ length: shards }, (_, shard) => shard).filter((shard) => !owned.has(shard));
    try {
      // As many at once as are missing.
      while (free.length > 0 && owned.size < share && !signal.aborted)
        await Promise.all(free.splice(0, share - owned.size).map(claim));
    } finally {
      gained();
    }
    hasAsked = true;
    return owned.size === share;
  }

  async function leave(): Promise<void> {
    try {
      await Promise.all(Array.from(owned.values(), giveUp));
      await inTime(view, rows.attend(owner, 0));
    } catch (error) {
      if (!(error instanceof RepositoryError)) throw error;
      tell('warn', 'projection could not give up its shards: they are free when the lease ends', {
        lease,
        err: error,
      });
    }
  }

  return {
    owned,
    get isStandby() {
      return hasAsked && owned.size === 0;
    },
    async keepCheckpoints() {
      let failures = 0;
      while (!signal.aborted) {
        await pause(Math.min(checkpointEvery * 2 ** failures, lease), signal);
        try {
          await Promise.all(Array.from(owned.values(), (writer) => unlessLost(writer.keepCheckpoint())));
          failures = 0;
        } catch (error) {
          if (!(error instanceof RepositoryError && error.passing)) throw error;
          failures += 1;
          tell('warn', 'projection could not write how far it is, and tries again', { err: error });
        }
      }
    },
    present: () => (signal.aborted || owned.size > 0 ? Promise.resolve() : gain.promise),
    lost,
    async keep() {
      let failures = 0;
      try {
        while (!signal.aborted) {
          let next = lease / 3;
          try {
            // Who has less than its share waits for another to notice, or to die.
            if (!(await round())) next = Math.min(next, 500);
            failures = 0;
          } catch (error) {
            if (!(error instanceof RepositoryError && error.passing)) throw error;
            next = Math.min(50 * 2 ** failures, next);
            failures += 1;
            tell('warn', 'projection could not renew its shards, and tries again', {
              pause: next,
              err: error,
            });
          }
          await pause(next, signal);
        }
      } finally {
        await leave();
      }
    },
  };
}
