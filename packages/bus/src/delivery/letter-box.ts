import type { AttemptError } from '../dead-letters.ts';
import type { Item } from './item.ts';

/** What is known of the attempts to handle one event. */
export interface History {
  readonly errors: readonly AttemptError[];
  /** How many of them are of before the last redrive, and do not count towards the attempts. */
  readonly forgiven?: number;
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

export interface Burial {
  readonly state: 'dead' | 'parked';
  readonly history: History;
  readonly attempts: number;
  readonly at: Date;
}

/**
 * Where a group keeps what it could not handle. All of it can be done again with the same outcome, and rejects where it
 * is not certain that it was done.
 */
export interface LetterBox {
  /** What was recorded of an event that has not been handled. */
  history(position: number): Promise<History>;
  record(position: number, history: History): Promise<void>;
  /**
   * When it resolves, the event is kept, whatever becomes of the group's own position. One that is kept already is not
   * made a parked one.
   */
  bury(item: Item, burial: Burial): Promise<void>;
}
