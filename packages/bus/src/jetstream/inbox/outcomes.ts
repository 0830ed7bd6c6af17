import type { Logger } from '@pipit/types-registry';
import type { InboxEntries } from './inbox-entries.ts';

type Outcome = 'done' | 'free';

/** Writes what became of effects, and remembers what could not be written. Asked for one key by one caller at a time. */
export interface Outcomes {
  /** Writes an outcome, now or later; does not reject, since what has happened has happened. */
  settle(key: string, outcome: Outcome, revision: number): Promise<void>;
  /** An answer was lost: should this process turn out to have begun, it was in vain. */
  takeBack(key: string): void;
  /** Tries again to write what is remembered of a key, and returns it; does not reject. */
  write(key: string): Promise<Outcome | undefined>;
  forget(key: string): void;
  keys(): readonly string[];
  isEmpty(): boolean;
}

interface Unwritten {
  readonly outcome: Outcome;
  /** Unknown where the answer to `begun` was lost. */
  readonly revision: number | undefined;
}

export function outcomes(
  entries: InboxEntries,
  {
    bucket,
    instance,
    logger,
  }: { readonly bucket: string; readonly instance: string; readonly logger: Logger },
): Outcomes {
  const unwritten = new Map<string, Unwritten>();

  /** @returns whether nothing is left to write. */
  async function tryToWrite(key: string, { outcome, revision }: Unwritten): Promise<boolean> {
    try {
      if (revision === undefined) {
        await undo(key);
        return true;
      }
      const written = await entries.finish(key, outcome, instance, revision);
      if (written === undefined && outcome === 'done' && !(await isThere(key))) {
        const message =
          `Inbox ${bucket}: while this process was at ${key} it was taken for dead, and another took over; the effect ` +
          'may have happened twice';
        logger.error({ bucket, key, outcome }, message);
      }
      return true;
    } catch (err) {
      if (!unwritten.has(key)) {
        const message = `Inbox ${bucket} could not write that ${key} is ${outcome}; this process remembers and tries again`;
        logger.warn({ bucket, key, outcome, err }, message);
      }
      return false;
    }
  }

  async function undo(key: string): Promise<void> {
    const entry = await entries.read(key);
    // Where it is not at that revision any more, somebody else has it, and nothing is left to undo.
    if (entry.state === 'begun' && entry.by === instance)
      await entries.finish(key, 'free', instance, entry.revision);
  }

  /** The write may have arrived though its answer did not. */
  async function isThere(key: string): Promise<boolean> {
    const entry = await entries.read(key);
    return entry.state === 'done' && entry.by === instance;
  }

  return {
    async settle(key, outcome, revision) {
      const result = { outcome, revision };
      if (!(await tryToWrite(key, result))) unwritten.set(key, result);
    },
    takeBack: (key) => void unwritten.set(key, { outcome: 'free', revision: undefined }),
    async write(key) {
      const remembered = unwritten.get(key);
      if (remembered === undefined) return undefined;
      if (await tryToWrite(key, remembered)) unwritten.delete(key);
      return remembered.outcome;
    },
    forget: (key) => void unwritten.delete(key),
    keys: () => [...unwritten.keys()],
    isEmpty: () => unwritten.size === 0,
  };
}
