import { setTimeout as delay } from 'node:timers/promises';
import type { Doubt, InboxKey, OnceOptions, OnceOutcome } from '../../inbox.ts';
import { InboxBusyError, InDoubtError } from '../../inbox-errors.ts';
import type { Begun, InboxEntries, InboxEntry } from './inbox-entries.ts';
import type { SignsOfLife } from './sign-of-life.ts';

export interface Asking {
  readonly entries: InboxEntries;
  readonly life: SignsOfLife;
  readonly key: string;
  readonly event: InboxKey;
  /** By `performance.now`: how long to wait for another process that is at it. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

export interface Claiming extends Asking {
  readonly begun: Begun;
  readonly onDoubt: OnceOptions['onDoubt'];
}

/** Either the right to run the effect, under this revision, or that it is not to be run. */
export type Claim =
  | { readonly revision: number; readonly outcome?: undefined }
  | { readonly outcome: Exclude<OnceOutcome, 'done'> };

/** Milliseconds between two looks at an effect that another process is at: doubled each time. */
const shortestPause = 50;
const longestPause = 500;

/** @throws InboxBusyError, InDoubtError, InboxUnavailableError; the signal's reason */
export async function claimEffect(claiming: Claiming): Promise<Claim> {
  const { entries, key, begun } = claiming;
  // Nearly always there is nothing yet, so that is tried first, without a look.
  for (let expected = 0; ; ) {
    const revision = await entries.begin(key, begun, expected);
    if (revision !== undefined) return { revision };
    const entry = await untilNobodyIsAtIt(claiming);
    if (entry.state === 'done') return { outcome: 'repeated' };
    // What this process has begun and is not at has never run: the answer to that write was lost.
    if (entry.state === 'begun' && entry.by !== begun.by) {
      const choice = await decide(claiming, entry.at);
      if (choice === 'skip') {
        if ((await entries.finish(key, 'done', begun.by, entry.revision)) !== undefined)
          return { outcome: 'skipped' };
      }
    }
    expected = entry.revision;
  }
}

/**
 * Waits while another process that lives is at the effect.
 *
 * @returns an entry that is done, free, begun by this process, or begun by one that is dead.
 * @throws InboxBusyError at the deadline; InboxUnavailableError; the signal's reason
 */
export async function untilNobodyIsAtIt(asking: Asking): Promise<InboxEntry> {
  const { entries, life, key, event, deadline, signal } = asking;
  for (let pause = shortestPause; ; pause = Math.min(2 * pause, longestPause)) {
    const entry = await entries.read(key);
    if (entry.state !== 'begun' || life.isOwn(entry) || (await life.isDead(entry))) return entry;
    signal?.throwIfAborted();
    if (performance.now() + pause > deadline) throw new InboxBusyError(event);
    await delay(pause, undefined, signal && { signal }).catch(() => {});
    signal?.throwIfAborted();
  }
}

async function decide({ event, onDoubt }: Claiming, begunAt: Date): Promise<'repeat' | 'skip'> {
  const doubt: Doubt = { ...event, begunAt };
  const choice = typeof onDoubt === 'function' ? await onDoubt(doubt) : onDoubt;
  // Whatever was not chosen by name is left to a person.
  if (choice !== 'repeat' && choice !== 'skip') throw new InDoubtError(doubt);
  return choice;
}
