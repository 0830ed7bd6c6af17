import type { TaskRecord } from './task-record.ts';

interface Due {
  readonly at: number;
  readonly record: TaskRecord;
}

/** Tasks in the order in which they are due, those due at the same time in the order in which they were added. */
export interface DueTasks {
  add(record: TaskRecord, at: number): void;
  /** Does nothing where it is not among them. */
  remove(record: TaskRecord): void;
  /** When the first is due; `Infinity` where there is none. */
  readonly first: number;
  /** Takes out the first that is due by then, if there is one. */
  take(now: number): Due | undefined;
}

export function dueTasks(): DueTasks {
  const waiting: Due[] = [];
  return {
    add(record, at) {
      const before = waiting.findLastIndex((other) => other.at <= at);
      waiting.splice(before + 1, 0, { at, record });
    },
    remove(record) {
      const index = waiting.findIndex((other) => other.record === record);
      if (index >= 0) waiting.splice(index, 1);
    },
    get first() {
      return waiting[0]?.at ?? Number.POSITIVE_INFINITY;
    },
    take: (now) => ((waiting[0]?.at ?? Number.POSITIVE_INFINITY) <= now ? waiting.shift() : undefined),
  };
}
