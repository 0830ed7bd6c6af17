import { encodeToken, eventTypeOf } from '@pipit/types-registry';
import { shownAggregate } from '../../aggregate-of-key.ts';
import { DeadLetterNotFoundError, DeadLetterParkedError } from '../../dead-letter-errors.ts';
import { fitsFilter } from '../../dead-letter-filter.ts';
import type { DeadLetter, DeadLetters } from '../../dead-letters.ts';
import { readGroupToken } from '../../group-token.ts';
import { within } from '../../within.ts';
import type { OpenStore } from '../open-store.ts';
import { serverFailure } from '../server-failure.ts';
import type { JetStreamLetters } from './jetstream-letters.ts';
import { listLetters } from './list-letters.ts';
import type { StoredLetter } from './stored-letter.ts';

/** Milliseconds for each question, or for all that one letter takes. */
const patience = 10_000;

/** What users see of a store's letters. */
export function deadLetters(store: OpenStore, letters: JetStreamLetters): DeadLetters {
  const { name, connection } = store;

  async function find(id: string): Promise<StoredLetter | undefined> {
    const place = readId(id);
    return place && letters.letter(place.group, place.position);
  }

  async function require(id: string): Promise<StoredLetter> {
    const letter = await find(id);
    if (letter === undefined) throw new DeadLetterNotFoundError(name, id);
    return letter;
  }

  /** The first letter of a key is what all others of it wait for. */
  async function deadBefore({ group, key, position }: StoredLetter): Promise<StoredLetter | undefined> {
    const [first = position] = await letters.positions(group, key);
    const letter = first < position ? await letters.letter(group, first) : undefined;
    return letter?.state === 'dead' ? letter : undefined;
  }

  /** @throws ConnectionError, and what is Pipit's own */
  async function answered<T>(what: string, advice: string, work: () => Promise<T>): Promise<T> {
    const request = { connection, what: `${what} store ${name}`, advice };
    try {
      const working = work();
      if (await within(patience, working)) return await working;
    } catch (cause) {
      throw serverFailure(request, cause);
    }
    throw serverFailure(request, new Error(`no answer in ${patience} ms`));
  }

  const reading = <T>(work: () => Promise<T>) =>
    answered('Dead letters could not be read from', 'Ask again when the server is back.', work);
  const deciding = (id: string, done: string, work: () => Promise<void>) => {
    const what = `Dead letter ${JSON.stringify(id)} could not be ${done} for certain in`;
    return answered(what, 'It may have been all the same: do it again when the server is back.', work);
  };

  return {
    async *list(filter = {}) {
      const group = filter.group === undefined ? undefined : encodeToken('group', filter.group);
      for (let from: number | undefined = 1; from !== undefined; ) {
        const place: { group: string | undefined; from: number } = { group, from };
        const page = await reading(() => listLetters(store, letters, place));
        for (const { letter, errors } of page.letters) {
          const entry = shown(name, letter, errors);
          if (fitsFilter(entry, filter)) yield entry;
        }
        from = page.next;
      }
    },
    get: (id) =>
      reading(async () => {
        const letter = await find(id);
        if (letter === undefined) return undefined;
        const { group, position, state } = letter;
        const { errors } = state === 'dead' ? await letters.history(group, position) : { errors: [] };
        return shown(name, letter, errors);
      }),
    redrive: (id) =>
      deciding(id, 'redriven', async () => {
        const letter = await require(id);
        const behind = letter.state === 'parked' ? await deadBefore(letter) : undefined;
        if (behind !== undefined) throw new DeadLetterParkedError(name, id, idOf(behind));
        await letters.decide(letter, 'redrive');
      }),
    discard: (id) =>
      deciding(id, 'discarded', async () => {
        const letter = await require(id);
        // First, so that whoever is told of it finishes it where this process dies in between.
        await letters.decide(letter, 'discard');
        await letters.remove(letter);
      }),
  };
}

function shown(store: string, letter: StoredLetter, errors: DeadLetter['errors']): DeadLetter {
  const { group, position, state, attempts, at, headers, body, key } = letter;
  return {
    id: idOf(letter),
    ...readGroupToken(group),
    state,
    ...typeAndId(store, letter),
    aggregate: shownAggregate(key),
    position,
    message: { headers: Object.fromEntries(headers), body },
    attempts,
    errors,
    at,
  };
}

function idOf({ group, position }: StoredLetter): string {
  return `${group}.${position}`;
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
