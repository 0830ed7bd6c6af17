import pLimit from 'p-limit';
import type { Appended, AppendRequest } from '../event-log.ts';
import { append } from './append.ts';
import type { AppendContext } from './append-context.ts';
import { timedOut } from './append-failures.ts';
import { type PreparedAppend, prepare } from './outgoing.ts';

/** Batches that this store has open at once; a stream takes 50 of all its clients (ADR-50). */
const openBatches = 32;
/**
 * How much of its timeout a batch must have left after it has waited. Where more is appended than the server takes, all
 * would be sent when their time is nearly up, and nobody would wait for the answers.
 */
const shareForAnswer = 0.1;

export interface AppendQueue {
  append(request: AppendRequest): Promise<Appended>;
  /** Resolves when everything that was queued has settled. */
  idle(): Promise<void>;
}

/** Appends of this process to one aggregate wait for each other instead of racing. */
export function appendQueue(context: AppendContext): AppendQueue {
  const batches = pLimit(openBatches);
  const lastInLine = new Map<string, Promise<unknown>>();

  function perform(request: PreparedAppend): Promise<Appended> {
    return isBatch(request) ? performBatch(request) : append(context, request);
  }

  async function performBatch(request: PreparedAppend): Promise<Appended> {
    const hasToWait = batches.activeCount >= openBatches;
    const leastTime = hasToWait ? request.timeout * shareForAnswer : 0;
    const begun = Promise.withResolvers<void>();
    let isLate = false;
    const appended = batches(() => {
      begun.resolve();
      isLate ||= request.deadline - Date.now() < leastTime;
      return isLate ? Promise.reject(timedOut(request)) : append(context, request);
    });
    try {
      await inTime(begun.promise, request);
    } catch (error) {
      // Its caller is told that nothing was written, so that nothing may be.
      isLate = true;
      appended.catch(() => error);
      throw error;
    }
    return appended;
  }

  async function takeTurn(before: readonly Promise<unknown>[], request: PreparedAppend): Promise<Appended> {
    await inTime(Promise.allSettled(before), request);
    return perform(request);
  }

  return {
    append(given) {
      const request = prepare(context.store, context.layout, given);
      const keys = request.parts.map(({ filter }) => filter);
      const before: Promise<unknown>[] = [];
      for (const key of keys) {
        const last = lastInLine.get(key);
        if (last !== undefined) before.push(last);
      }
      const appended = before.length === 0 ? perform(request) : takeTurn(before, request);
      // Who gives up waiting leaves the line only when those before have.
      const line = before.length === 0 ? appended : settled([...before, appended]);
      for (const key of keys) lastInLine.set(key, line);
      const leave = () => {
        for (const key of keys) if (lastInLine.get(key) === line) lastInLine.delete(key);
      };
      // What fails is told to the caller of the append.
      line.then(leave, leave);
      return appended;
    },
    async idle() {
      await Promise.allSettled(lastInLine.values());
    },
  };
}

/** Without the results, which would hold those of all before them for as long as the line does not empty. */
async function settled(line: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(line);
}

function isBatch({ parts }: AppendRequest): boolean {
  return parts.length > 1 || (parts[0]?.drafts.length ?? 0) > 1;
}

/** @throws TimeoutError when the deadline passes while an append waits to begin: nothing was written */
async function inTime(waiting: Promise<unknown>, request: PreparedAppend): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(timedOut(request)), Math.max(0, request.deadline - Date.now()));
  try {
    await Promise.race([waiting, late]);
  } finally {
    clearTimeout(timer);
  }
}
