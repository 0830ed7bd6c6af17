import { type Logger, PipitError } from '@pipit/types-registry';
import type { EventBatch, EventReader, FollowSelection } from '../event-reader.ts';
import { passesInTime } from './passes-in-time.ts';
import { pause } from './pause.ts';
import { untilAborted } from './until-aborted.ts';

const firstPause = 50;
const longestPause = 5_000;
/** How often a log that seems to have lost its end is asked again: a leader that was just elected may not know it yet. */
const secondLooks = 5;
const secondLookAfter = 200;

export interface FollowLogOptions {
  readonly reader: EventReader;
  readonly signal: AbortSignal;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly logger: Logger;
  /** What to read, from where, until its own signal aborts; asked for before each reading. `undefined`: enough. */
  select(): Promise<FollowSelection | undefined>;
  take(batch: EventBatch): Promise<void>;
  /** What is thrown for a log that ends before what is read next. */
  aheadOf(end: number, position: number): Error;
  /** Reading has failed, and is tried again. */
  onRetry(): void;
}

/**
 * Follows a log for as long as there is something to read; what passes is tried again, from where `select` says.
 *
 * @throws what `take` throws; what does not pass; for a log that has lost what was read of it, what `aheadOf` says
 */
export async function followLog(options: FollowLogOptions): Promise<void> {
  const { reader, signal, logger, facts, take } = options;
  let failures = 0;

  async function requireEnd(position: number): Promise<void> {
    // What shows nothing can show any log.
    if (position === 0) return;
    for (let looks = 0; ; looks += 1) {
      const end = await untilAborted(reader.position(), signal);
      if (end >= position) return;
      if (looks === secondLooks) throw options.aheadOf(end, position);
      await pause(secondLookAfter, signal);
    }
  }

  for (let selection = await options.select(); selection !== undefined; selection = await options.select()) {
    const { fromPosition = 1 } = selection;
    let position = fromPosition - 1;
    let taken: { readonly error: unknown } | undefined;
    try {
      await requireEnd(position);
      for await (const batch of readAhead(reader, selection)) {
        await take(batch).catch((error: unknown) => {
          taken = { error };
          throw error;
        });
        if (batch.position > position) failures = 0;
        position = batch.position;
        if (selection.signal?.aborted || signal.aborted) break;
      }
      if (!selection.signal?.aborted && !signal.aborted)
        throw new Error(`Following ${reader.name} ended, and nobody had stopped it.`);
    } catch (error) {
      if (signal.aborted && taken === undefined) return;
      if (taken !== undefined || isFinal(error)) throw error;
      options.onRetry();
      const wait = Math.min(firstPause * 2 ** failures, longestPause);
      failures += 1;
      logger.warn({ ...facts, position, pause: wait, err: error }, 'projection reads again');
      await pause(wait, signal);
    }
  }
}

/** Reads the next batch while the one before is taken in: where that waits for a database, events are decoded meanwhile. */
async function* readAhead(reader: EventReader, selection: FollowSelection): AsyncGenerator<EventBatch> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, ...(selection.signal ? [selection.signal] : [])]);
  const batches = reader.follow({ ...selection, signal })[Symbol.asyncIterator]();
  let ahead = batches.next();
  try {
    for (let result = await ahead; result.done !== true; result = await ahead) {
      ahead = batches.next();
      // It is waited for below; until then, a failure of it is nobody's.
      ahead.catch(() => {});
      yield result.value;
    }
  } finally {
    // What was read ahead is not taken in, so that it is read again, and its failure met, by whoever goes on from here.
    leaving.abort();
    await Promise.allSettled([ahead]);
    await batches.return?.();
  }
}

/** What nobody has given a name may be anything, also the network. */
function isFinal(error: unknown): boolean {
  return error instanceof PipitError && !passesInTime(error);
}
