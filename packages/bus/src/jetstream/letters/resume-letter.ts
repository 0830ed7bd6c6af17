import pRetry from 'p-retry';
import { type History, isRedriven } from '../../delivery/history.ts';
import type { Item } from '../../delivery/item.ts';
import type { GroupContext } from '../group-context.ts';
import { letterItem } from './letter-item.ts';
import type { StoredLetter } from './stored-letter.ts';

export interface Resumed {
  /** The letter is gone: its event has been handled. */
  readonly handled?: boolean;
  /** Milliseconds after which it is to be tried again. */
  readonly again?: number;
}

/** Has the event of a letter handled, and removes the letter after. */
export async function resumeLetter(
  { letters, source }: GroupContext,
  letter: StoredLetter,
  resume: (item: Item, history: History) => Promise<boolean>,
  stopping: AbortSignal,
): Promise<Resumed> {
  const { group, position } = letter;
  const history = await letters.history(group, position);
  // Nobody has asked for it, or it is a dead letter again.
  if (letter.state === 'dead' && !isRedriven(history, letter.failures)) return {};
  let again: number | undefined;
  const item = letterItem(source, letter, {
    giveBack(delay) {
      again = delay;
    },
  });
  const handled = await resume(item, history);
  if (!handled) return again === undefined ? {} : { again };
  // Until it is gone it would be handled once more.
  const endless = { retries: Number.POSITIVE_INFINITY, minTimeout: 100, maxTimeout: 5_000, signal: stopping };
  await pRetry(() => letters.remove(letter), endless);
  return { handled };
}
