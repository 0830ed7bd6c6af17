import type { DeadLetterAlert } from '../alerts.ts';

/** Dead letters that are told of together: all of them counted, the first ones kept, in bounded memory. */
export interface LetterBatch {
  add(letter: DeadLetterAlert): void;
  readonly size: number;
  /** The first ones, with their texts cut. */
  readonly first: readonly DeadLetterAlert[];
  /** Counts by store, group and type, in the order they appeared; what is beyond the last one is in `others`. */
  readonly counts: readonly LetterCount[];
  readonly others: number;
}

export interface LetterCount {
  readonly store: string;
  readonly group: string;
  readonly type: string;
  readonly count: number;
}

const mostCounts = 20;
const longestText = 300;

/** @param most how many letters are kept */
export function letterBatch(most: number): LetterBatch {
  const first: DeadLetterAlert[] = [];
  const counts = new Map<string, { store: string; group: string; type: string; count: number }>();
  let size = 0;
  let others = 0;
  return {
    first,
    get counts() {
      return [...counts.values()];
    },
    get size() {
      return size;
    },
    get others() {
      return others;
    },
    add(letter) {
      const short = cutTexts(letter);
      const { store, group, type } = short;
      const name = JSON.stringify([store, group, type]);
      const counted = counts.get(name);
      if (counted !== undefined) counted.count += 1;
      else if (counts.size < mostCounts) counts.set(name, { store, group, type, count: 1 });
      else others += 1;
      if (first.length < most) first.push(short);
      size += 1;
    },
  };
}

function cutTexts({
  store,
  group,
  type,
  eventId,
  key,
  attempts,
  error,
  at,
}: DeadLetterAlert): DeadLetterAlert {
  return {
    store: cut(store),
    group: cut(group),
    type: cut(type),
    eventId: cut(eventId),
    ...(key !== undefined && { key: cut(key) }),
    attempts,
    error: { name: cut(error.name), message: cut(error.message) },
    at: new Date(at),
  };
}

/** On one line, and never between the halves of a character. */
function cut(text: string): string {
  const start = String(text)
    .slice(0, longestText + 1)
    .toWellFormed();
  const line = start.replace(/\s+/g, ' ').trim();
  return start.length > longestText ? `${line.slice(0, longestText - 1).toWellFormed()}…` : line;
}
