import type { Logger } from '@pipit/types-registry';
import pRetry from 'p-retry';
import { toError } from '../to-error.ts';
import { type History, noHistory } from './history.ts';
import type { Item } from './item.ts';
import type { LetterBox } from './letter-box.ts';

export interface KeptHistoriesOptions {
  readonly store: string;
  readonly group: string;
  readonly letters: LetterBox;
  readonly logger: Logger;
  /** Aborts when nothing new is to begin. */
  readonly stopping: AbortSignal;
}

/** How the events of a group have failed, as it is kept beside their stream, which may be away. */
export interface KeptHistories {
  /** Nothing where it cannot be read: an event that comes again is handled all the same. Rejects with a stop. */
  recall(item: Item): Promise<History>;
  /** Keeps it where that is possible. Never rejects. */
  record(item: Item, history: History): Promise<void>;
  /** Goes on trying until it is done. Rejects with a stop. @param doing for the log: `could not … yet` */
  untilDone(doing: string, item: Item, work: () => Promise<void>): Promise<void>;
  /** Takes back the note that it was being tried: what is left standing would say that it was not survived. Never rejects. */
  survived(item: Item, history: History): Promise<void>;
}

export function keptHistories({
  store,
  group,
  letters,
  logger,
  stopping,
}: KeptHistoriesOptions): KeptHistories {
  async function untilDone(doing: string, { position }: Item, work: () => Promise<void>): Promise<void> {
    let said = '';
    return pRetry(work, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 100,
      maxTimeout: 5_000,
      signal: stopping,
      onFailedAttempt({ error: err }) {
        if (err.message === said) return;
        said = err.message;
        const message = `Group ${group} holds the event at position ${position}, and could not ${doing} yet: ${said}`;
        logger.warn({ store, group, position, err }, message);
      },
    });
  }

  return {
    untilDone,
    async recall({ position }) {
      try {
        return await pRetry(() => letters.history(position), {
          retries: 3,
          minTimeout: 100,
          signal: stopping,
        });
      } catch (reason) {
        if (stopping.aborted) throw reason;
        const err = toError(reason);
        const message = `Group ${group} could not look up how position ${position} has failed before: ${err.message}`;
        logger.warn({ store, group, position, err }, message);
        return noHistory;
      }
    },
    async record(item, history) {
      try {
        await letters.record(item, history);
      } catch (err) {
        const { position } = item;
        const message = `Group ${group} could not keep how position ${position} failed, and tries it again all the same`;
        logger.warn({ store, group, position, err }, message);
      }
    },
    async survived(item, history) {
      const note = () => letters.record(item, history);
      try {
        await untilDone('note that it was survived', item, note);
      } catch {
        // Not even a stop may leave it.
        try {
          await pRetry(note, { retries: 5, minTimeout: 100 });
        } catch (err) {
          const { position } = item;
          const message = `Group ${group} stops, and could not note that position ${position} was survived, which may count as a failure`;
          logger.warn({ store, group, position, err }, message);
        }
      }
    },
  };
}
