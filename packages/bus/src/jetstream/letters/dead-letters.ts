import { encodeToken, eventTypeOf } from '@pipit/types-registry';
import { aggregateOfKey } from '../../aggregate-of-key.ts';
import { DeadLetterNotFoundError } from '../../dead-letter-errors.ts';
import { fitsFilter } from '../../dead-letter-filter.ts';
import type { DeadLetter, DeadLetters } from '../../dead-letters.ts';
import { readGroupToken } from '../../group-token.ts';
import type { JetStreamLetters } from './jetstream-letters.ts';
import type { StoredLetter } from './stored-letter.ts';

/** What users see of a store's letters. */
export function deadLetters(store: string, letters: JetStreamLetters): DeadLetters {
  async function find(id: string): Promise<StoredLetter | undefined> {
    const place = readId(id);
    return place && letters.letter(place.group, place.position);
  }

  async function require(id: string): Promise<StoredLetter> {
    const letter = await find(id);
    if (letter === undefined) throw new DeadLetterNotFoundError(store, id);
    return letter;
  }

  async function shown(letter: StoredLetter): Promise<DeadLetter> {
    const { group, position, state, attempts, at, headers, body, key } = letter;
    const { errors } = state === 'dead' ? await letters.history(group, position) : { errors: [] };
    return {
      id: `${group}.${position}`,
      ...readGroupToken(group),
      state,
      ...typeAndId(store, letter),
      aggregate: aggregateOfKey(key),
      position,
      message: { headers: Object.fromEntries(headers), body },
      attempts,
      errors,
      at,
    };
  }

  return {
    async *list(filter = {}) {
      const name = filter.group === undefined ? undefined : encodeToken('group', filter.group);
      for await (const letter of letters.letters(name)) {
        const entry = await shown(letter);
        if (fitsFilter(entry, filter)) yield entry;
      }
    },
    async get(id) {
      const letter = await find(id);
      return letter && shown(letter);
    },
    async redrive(id) {
      const letter = await require(id);
      const { errors } = await letters.history(letter.group, letter.position);
      await letters.record(letter.group, letter.position, { errors, forgiven: errors.length });
      await letters.askToResume(letter);
    },
    async discard(id) {
      const letter = await require(id);
      await letters.remove(letter);
      await letters.askToResume(letter);
    },
  };
}

/** `<group>.<position>`, or `<group>@<topic>.<position>` */
function readId(id: string): { group: string; position: number } | undefined {
  const [, group, position] = /^([\w=-]+(?:@[\w=-]+)?)\.([1-9]\d{0,15})$/.exec(id) ?? [];
  return group === undefined ? undefined : { group, position: Number(position) };
}

function typeAndId(
  store: string,
  { headers, ...letter }: StoredLetter,
): Pick<DeadLetter, 'type' | 'eventId'> {
  const eventId = headers.get('ce-id');
  const message = { ...letter, store, aggregate: { type: '', id: '' }, headerNames: () => headers.keys() };
  try {
    return { type: eventTypeOf({ ...message, header: (name) => headers.get(name) }), eventId };
  } catch {
    // That it cannot be read may be why it is here.
    return { type: undefined, eventId };
  }
}
