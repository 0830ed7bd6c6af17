import { LRUCache } from 'lru-cache';
import type { TaskStatus } from './scheduler.ts';
import { InvalidSchedulerError } from './task-errors.ts';

export interface FinishedTasksOptions {
  /** How many at most; default 1,000. The one that ended first goes first. */
  readonly max?: number;
  /** Milliseconds for which each is remembered; default an hour. */
  readonly ttl?: number;
}

/** Tasks that have ended, for a while. */
export interface FinishedTasks {
  add(status: TaskStatus): void;
  get(id: string): TaskStatus | undefined;
  /** In the order of their ends. */
  list(): readonly TaskStatus[];
}

/** @throws InvalidSchedulerError */
export function finishedTasks({ max = 1_000, ttl = 3_600_000 }: FinishedTasksOptions = {}): FinishedTasks {
  requireWhole('finished.max', max);
  requireWhole('finished.ttl', ttl);
  const cache = new LRUCache<string, TaskStatus>({
    max,
    ttl,
    ttlResolution: 0,
    perf: { now: () => Date.now() },
  });
  return {
    add: (status) => cache.set(status.id, status),
    // Being looked at keeps no task longer than those that ended after it.
    get: (id) => cache.peek(id),
    list: () => [...cache.rvalues()].filter((status) => status !== undefined),
  };
}

function requireWhole(option: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new InvalidSchedulerError(option, `must be a whole number from 1, not ${String(value)}`);
}
