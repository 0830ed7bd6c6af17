import { DeadLetterNotFoundError } from '../dead-letter-errors.ts';
import { fitsFilter } from '../dead-letter-filter.ts';
import type { DeadLetter, DeadLetters } from '../dead-letters.ts';
import { forgive, type History, noHistory } from '../delivery/history.ts';
import type { Item } from '../delivery/item.ts';
import type { Burial, LetterBox } from '../delivery/letter-box.ts';

export interface MemoryLetter {
  readonly group: string;
  readonly item: Item;
  readonly burial: Burial;
}

/** The letters of all groups of a memory bus, and what is known of events that failed. */
export interface MemoryLetters extends DeadLetters {
  boxOf(group: string): LetterBox;
  /** Of a group, in the order of their positions. */
  ofGroup(group: string): MemoryLetter[];
  find(group: string, position: number): MemoryLetter | undefined;
  historyOf(group: string, position: number): History;
  remove(letter: MemoryLetter): void;
}

/** @param resume goes on with the letters of the letter's key */
export function memoryLetters(store: string, resume: (letter: MemoryLetter) => void): MemoryLetters {
  const letters = new Map<string, MemoryLetter>();
  const histories = new Map<string, History>();
  const idOf = (group: string, position: number) => `${encodeURIComponent(group)}.${position}`;

  function historyOf(group: string, position: number): History {
    return histories.get(idOf(group, position)) ?? noHistory;
  }

  function shown({ group, item, burial }: MemoryLetter): DeadLetter {
    const { aggregate, position } = item;
    const { state, attempts, at } = burial;
    const { headers, body } = item.original();
    const { id: eventId, type } = item.event();
    return {
      id: idOf(group, position),
      group,
      state,
      type,
      eventId,
      aggregate,
      position,
      message: { headers: Object.fromEntries(headers), body },
      attempts,
      errors: state === 'dead' ? historyOf(group, position).errors : [],
      at,
    };
  }

  function remove(id: string): void {
    letters.delete(id);
    histories.delete(id);
  }

  function require(id: string): MemoryLetter {
    const letter = letters.get(id);
    if (letter === undefined) throw new DeadLetterNotFoundError(store, id);
    return letter;
  }

  return {
    boxOf: (group) => ({
      history: async (position) => historyOf(group, position),
      async record(position, history) {
        histories.set(idOf(group, position), history);
      },
      async bury(item, burial) {
        const id = idOf(group, item.position);
        histories.set(id, burial.history);
        // One that is a dead letter again is the newest.
        letters.delete(id);
        letters.set(id, { group, item, burial });
      },
    }),
    ofGroup: (group) =>
      [...letters.values()]
        .filter((letter) => letter.group === group)
        .sort((a, b) => a.item.position - b.item.position),
    find: (group, position) => letters.get(idOf(group, position)),
    historyOf,
    remove: ({ group, item }) => remove(idOf(group, item.position)),

    async *list(filter = {}) {
      for (const letter of [...letters.values()].map(shown)) if (fitsFilter(letter, filter)) yield letter;
    },
    async get(id) {
      const letter = letters.get(id);
      return letter && shown(letter);
    },
    async redrive(id) {
      const letter = require(id);
      histories.set(id, forgive(historyOf(letter.group, letter.item.position)));
      resume(letter);
    },
    async discard(id) {
      const letter = require(id);
      remove(id);
      resume(letter);
    },
  };
}
