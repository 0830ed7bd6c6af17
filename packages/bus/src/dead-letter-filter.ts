import type { DeadLetter, DeadLetterFilter } from './dead-letters.ts';

/** Whether a letter is one that was asked for. */
export function fitsFilter(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  const { group, topic, type, error, from, to, state = 'dead' } = filter;
  if (state !== 'all' && letter.state !== state) return false;
  if (group !== undefined && letter.group !== group) return false;
  if (topic !== undefined && (letter.topic ?? null) !== topic) return false;
  if (type !== undefined && letter.type !== type) return false;
  if ((from !== undefined && letter.at < from) || (to !== undefined && letter.at >= to)) return false;
  if (error === undefined) return true;
  const last = letter.errors.at(-1);
  return last !== undefined && `${last.name}: ${last.message}`.includes(error);
}
