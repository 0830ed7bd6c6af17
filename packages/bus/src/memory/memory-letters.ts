import { DeadLetterNotFoundError, DeadLetterParkedError } from '../dead-letter-errors.ts';
import { fitsFilter } from '../dead-letter-filter.ts';
import type { DeadLetter, DeadLetters } from '../dead-letters.ts';
import { failuresOf, forgive, type History, noHistory } from '../delivery/history.ts';
import type { Item } from '../delivery/item.ts';
import type { Burial, LetterBox } from '../delivery/letter-box.ts';
import { readableType } from '../delivery/readable-type.ts';
import { readGroupToken } from '../group-token.ts';

export interface MemoryLetter {
  /** With its topic, if it has one. */
  readonly token: string;
  readonly item: Item;
  readonly burial: Burial;
}

/** The letters of all groups of a memory bus, and what is known of events that failed. */
export interface MemoryLetters extends DeadLetters {
  boxOf(token: string): LetterBox;
  /** Of a group, in the order of their positions. */
  ofGroup(token: string): MemoryLetter[];
  find(token: string, position: number): MemoryLetter | undefined;
  historyOf(token: string, position: number): History;
  remove(letter: MemoryLetter): void;
}

/** @param resume goes on with the letters of the letter's key */
export function memoryLetters(store: string, resume: (letter: MemoryLetter) => void): MemoryLetters {
  const letters = new Map<string, MemoryLetter>();
  const histories = new Map<string, History>();
  const idOf = (token: string, position: number) => `${token}.${position}`;

  function historyOf(token: string, position: number): History {
    return histories.get(idOf(token, position)) ?? noHistory;
  }

  function shown({ token, item, burial }: MemoryLetter): DeadLetter {
    const { aggregate, position } = item;
    const { state, attempts, at } = burial;
    const { headers, body } = item.original();
    const eventId = headers.get('ce-id');
    const type = readableType(item);
    return {
      id: idOf(token, position),
      ...readGroupToken(token),
      state,
      type,
      eventId,
      aggregate,
      position,
      message: { headers: Object.fromEntries(headers), body },
      attempts,
      errors: state === 'dead' ? historyOf(token, position).errors : [],
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

  function ofGroup(token: string): MemoryLetter[] {
    return [...letters.values()]
      .filter((letter) => letter.token === token)
      .sort((a, b) => a.item.position - b.item.position);
  }

  /** The first letter of a key is what all others of it wait for. */
  function deadBefore({ token, item }: MemoryLetter): MemoryLetter | undefined {
    const first = ofGroup(token).find((letter) => letter.item.key === item.key);
    return first?.burial.state === 'dead' ? first : undefined;
  }

  return {
    boxOf: (token) => ({
      history: async (position) => historyOf(token, position),
      async record({ position }, history) {
        histories.set(idOf(token, position), history);
      },
      async bury(item, burial) {
        const id = idOf(token, item.position);
        if (burial.again && letters.has(id)) return;
        histories.set(id, burial.history);
        // One that is a dead letter again is the newest.
        letters.delete(id);
        letters.set(id, { token, item, burial });
      },
    }),
    ofGroup,
    find: (token, position) => letters.get(idOf(token, position)),
    historyOf,
    remove: ({ token, item }) => remove(idOf(token, item.position)),

    async *list(filter = {}) {
      for (const letter of [...letters.values()].map(shown)) if (fitsFilter(letter, filter)) yield letter;
    },
    async get(id) {
      const letter = letters.get(id);
      return letter && shown(letter);
    },
    async redrive(id) {
      const letter = require(id);
      const { token, item, burial } = letter;
      const behind = burial.state === 'parked' ? deadBefore(letter) : undefined;
      if (behind !== undefined) throw new DeadLetterParkedError(store, id, idOf(token, behind.item.position));
      histories.set(id, forgive(historyOf(token, item.position), failuresOf(burial.history)));
      resume(letter);
    },
    async discard(id) {
      const letter = require(id);
      remove(id);
      resume(letter);
    },
  };
}
