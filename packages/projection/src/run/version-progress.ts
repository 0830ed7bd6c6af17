import { setTimeout as delay } from 'node:timers/promises';
import { RepositoryError } from '../repository-errors.ts';
import { waitingRoom } from './waiting-room.ts';

/** How far the rows of a version show the log, whichever processes write them. */
export interface VersionProgress {
  /** Up to here all of them do, as far as this process knows. */
  readonly position: number;
  /** To be called when shards of this process got further. */
  advance(): void;
  /** As `WaitingRoom`. */
  waitFor(target: number | (() => Promise<number>), timeout: number): Promise<void>;
  close(failure?: Error): void;
}

export interface VersionProgressOptions {
  readonly projection: string;
  readonly shards: number;
  /** How far a shard of this process is; `undefined` where another process has it. */
  local(shard: number): number | undefined;
  /** How far each shard is, for all processes to see. */
  checkpoints(): Promise<readonly number[]>;
}

const firstPause = 10;
const longestPause = 250;

/** Asks for the checkpoints of what other processes write, for as long as somebody waits. */
export function versionProgress(options: VersionProgressOptions): VersionProgress {
  const { shards, local } = options;
  const room = waitingRoom(options.projection);
  let known: readonly number[] = [];
  let isAsking = false;

  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  const isAllLocal = () => numbers.every((shard) => local(shard) !== undefined);
  const lowest = () =>
    numbers.reduce((least, shard) => Math.min(least, local(shard) ?? known[shard] ?? 0), Infinity);

  async function ask(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    try {
      for (let wait = firstPause; room.isOccupied; wait = Math.min(wait * 1.5, longestPause)) {
        try {
          // Shards of this process may go to others while somebody waits.
          if (!isAllLocal()) {
            known = await options.checkpoints();
            room.advance(lowest());
          }
        } catch (error) {
          if (error instanceof RepositoryError && error.passing) room.blame(error);
          else room.disappoint(error);
        }
        await delay(wait);
      }
    } finally {
      isAsking = false;
    }
  }

  return {
    get position() {
      return room.position;
    },
    advance() {
      room.advance(lowest());
    },
    async waitFor(target, timeout) {
      const reached = room.waitFor(target, timeout);
      void ask();
      await reached;
    },
    close: room.close,
  };
}
