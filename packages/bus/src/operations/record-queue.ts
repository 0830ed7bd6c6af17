import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@pipit/types-registry';
import type { NewRecord, OperationLog } from './operation-log.ts';

/** Records on their way, which nobody waits for. */
export interface RecordQueue {
  /** Returns at once, and never throws. */
  push(records: readonly NewRecord[]): void;
  /** Fulfilled when what has been pushed by now is on record or given up; at the latest after that many milliseconds. */
  settled(timeout: number): Promise<void>;
  /** Waits like `settled`, then gives up what is left. */
  close(timeout: number): Promise<void>;
}

export interface QueueLimits {
  /** Milliseconds for which a record is tried again. */
  readonly patience: number;
  /** Records that wait; more are given up at once. */
  readonly capacity: number;
}

export const queueLimits: QueueLimits = { patience: 60_000, capacity: 100_000 };

const together = 256;
const writeTimeout = 2_500;
const shortestPause = 50;
const longestPause = 2_000;

interface Waiting {
  readonly number: number;
  readonly record: NewRecord;
  readonly until: number;
}

/** Writes many at a time, in the order they came; what fails is tried again after the others. */
export function recordQueue(
  log: OperationLog,
  logger: Logger,
  { patience, capacity }: QueueLimits,
): RecordQueue {
  let waiting: Waiting[] = [];
  let writing: readonly Waiting[] = [];
  let pushed = 0;
  let running: Promise<void> | undefined;
  let refused = 0;
  const closing = new AbortController();
  const watchers = new Set<() => void>();

  async function run(): Promise<void> {
    let pause = shortestPause;
    while (waiting.length > 0 && !closing.signal.aborted) {
      writing = waiting.slice(0, together);
      waiting = waiting.slice(together);
      const results = await Promise.allSettled(writing.map(({ record }) => log.write(record, writeTimeout)));
      const failed: Waiting[] = [];
      let reason: unknown;
      for (const [index, result] of results.entries()) {
        if (result.status === 'fulfilled') continue;
        failed.push(writing[index] as Waiting);
        reason = result.reason;
      }
      const wholly = failed.length === results.length;
      const now = Date.now();
      giveUp(
        failed.filter(({ until }) => until <= now),
        reason,
      );
      waiting.push(...failed.filter(({ until }) => until > now));
      writing = [];
      for (const look of watchers) look();
      if (!wholly) {
        pause = shortestPause;
        if (refused > 0) giveUpRefused();
      } else {
        await delay(pause, undefined, { ref: false, signal: closing.signal }).catch(() => {});
        pause = Math.min(2 * pause, longestPause);
      }
    }
    running = undefined;
  }

  function giveUp(lost: readonly Waiting[], err: unknown): void {
    const [first] = lost;
    if (first === undefined) return;
    const { chain, type } = first.record;
    const chains = [...new Set(lost.map(({ record }) => record.chain))];
    const reason = err instanceof Error ? err.message : String(err);
    logger.error(
      { store: log.store, count: lost.length, operations: chains.slice(0, 20), err },
      `${lost.length} records of operations in ${log.place} are given up, the first is ${type} of ${chain}: ${reason}`,
    );
  }

  function giveUpRefused(): void {
    logger.error(
      { store: log.store, count: refused },
      `${refused} records of operations were given up while ${capacity} others waited to get into ${log.place}`,
    );
    refused = 0;
  }

  return {
    push(records) {
      const until = Date.now() + patience;
      const room = closing.signal.aborted ? 0 : Math.max(0, capacity - waiting.length);
      refused += Math.max(0, records.length - room);
      for (const record of records.slice(0, room)) waiting.push({ number: ++pushed, record, until });
      if (closing.signal.aborted && refused > 0) giveUpRefused();
      // Begins after the caller has gone on.
      if (waiting.length > 0) running ??= Promise.resolve().then(run);
    },
    settled,
    async close(timeout) {
      await settled(timeout);
      closing.abort();
      await Promise.race([running, delay(Math.min(timeout, writeTimeout), undefined, { ref: false })]);
      giveUp([...writing, ...waiting], new Error(`they were not on record ${timeout} ms after the end`));
      waiting = [];
      if (refused > 0) giveUpRefused();
    },
  };

  async function settled(timeout: number): Promise<void> {
    const last = pushed;
    const isOld = ({ number }: Waiting) => number <= last;
    const isOpen = () => writing.some(isOld) || waiting.some(isOld);
    if (!isOpen()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (!isOpen()) resolve();
    };
    const timer = setTimeout(resolve, timeout);
    watchers.add(look);
    try {
      await promise;
    } finally {
      watchers.delete(look);
      clearTimeout(timer);
    }
  }
}
