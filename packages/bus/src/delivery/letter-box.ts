import type { History } from './history.ts';
import type { Item } from './item.ts';

export interface Burial {
  readonly state: 'dead' | 'parked';
  readonly history: History;
  /** In all, those before a redrive included. */
  readonly attempts: number;
  readonly at: Date;
  /** Nothing has been tried since it ended: a letter that is kept already stays as it is. */
  readonly again?: true;
}

/**
 * Where a group keeps what it could not handle. All of it can be done again with the same outcome, and rejects where it
 * is not certain that it was done.
 */
export interface LetterBox {
  /** What was recorded of an event that has not been handled. */
  history(position: number): Promise<History>;
  record(item: Pick<Item, 'position' | 'isLetter'>, history: History): Promise<void>;
  /**
   * When it resolves, the event is kept, whatever becomes of the group's own position. One that is kept already is not
   * made a parked one.
   */
  bury(item: Item, burial: Burial): Promise<void>;
}
