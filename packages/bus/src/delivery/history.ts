import type { AttemptError } from '../dead-letters.ts';
import { died } from './attempt-error.ts';

/** What is known of the attempts to handle one event. */
export interface History {
  /** The newest, oldest first. */
  readonly errors: readonly AttemptError[];
  /** How many failures there were before those: they are counted, and no more known of. */
  readonly omitted?: number;
  /** How many failures are of before the last redrive, and do not count towards the attempts. */
  readonly forgiven?: number;
  /** It was the last attempt: what follows is a dead letter, until somebody has it redriven. */
  readonly ended?: true;
  /** Set before an attempt, and gone with its end: where it is found, its process died meanwhile. */
  readonly begun?: Begun;
}

export interface Begun {
  readonly at: Date;
  readonly instance: string;
  /** It did not run alone, so that another one may be what its process died of. */
  readonly beside?: true;
}

export const noHistory: History = { errors: [] };

/** So many fit into a message of the server's usual size, whatever their texts are. */
const mostErrors = 32;

export function withError({ errors, omitted = 0, forgiven }: History, error: AttemptError): History {
  const over = Math.max(0, errors.length + 1 - mostErrors);
  return {
    errors: [...errors.slice(over), error],
    ...(omitted + over > 0 && { omitted: omitted + over }),
    ...(forgiven !== undefined && { forgiven }),
  };
}

export function withDeath({ begun: _, ...history }: History, begun: Begun): History {
  return begun.beside ? history : withError(history, died(begun));
}

/** How often the event has ever failed. */
export function failuresOf({ errors, omitted = 0 }: History): number {
  return omitted + errors.length;
}

/** How often it has failed since it was last redriven. */
export function countOf(history: History): number {
  return failuresOf(history) - (history.forgiven ?? 0);
}

/**
 * The event gets as many attempts as a new one. One that is being tried meanwhile has not ended its process.
 *
 * @param failures how many there had been when it became a dead letter, of which the history may have been lost
 */
export function forgive({ begun: _, ended: __, ...history }: History, failures: number): History {
  const lost = Math.max(0, failures - failuresOf(history));
  const omitted = (history.omitted ?? 0) + lost;
  return {
    ...history,
    ...(omitted > 0 && { omitted }),
    forgiven: Math.max(failures, failuresOf(history)),
  };
}

/**
 * Whether somebody has asked for a dead letter to be redriven, which is so until it is one again.
 *
 * @param failures how many there had been when it became a dead letter
 */
export function isRedriven({ forgiven = 0 }: History, failures: number): boolean {
  return forgiven >= failures;
}
