import { type AggregateRef, eventTypeOf, type StoredMessage } from '@pipit/types-registry';
import { aggregateOfKey } from '../../aggregate-of-key.ts';
import type { DeliveredEvent } from '../../delivered-event.ts';
import type { Item, Original } from '../../delivery/item.ts';
import type { EventSource } from '../event-source.ts';
import type { StoredLetter } from './stored-letter.ts';

/** How the attempt to handle a letter ended. */
export interface LetterEnds {
  /** It comes again, after so many milliseconds. */
  giveBack(delay: number): void;
}

/** A letter on its way to a handler again. It stays a letter until it has been handled. */
export function letterItem(source: EventSource, letter: StoredLetter, ends: LetterEnds): Item {
  const { position, storedAt, headers, body, key } = letter;
  let ref: AggregateRef | undefined;
  let decoded: DeliveredEvent | undefined;
  const message: StoredMessage = {
    store: source.stream,
    position,
    get aggregate() {
      ref ??= aggregateOfKey(key);
      return ref;
    },
    storedAt,
    header: (name) => headers.get(name),
    headerNames: () => headers.keys(),
    body,
  };
  return {
    position,
    key,
    deliveryCount: 1,
    isLetter: true,
    get aggregate() {
      return message.aggregate;
    },
    storedAt,
    type: () => eventTypeOf(message),
    event() {
      decoded ??= source.decode(message);
      return decoded;
    },
    original: (): Original => ({ headers, body }),
    // Who resumes it removes the letter, and waits for that.
    ack: () => {},
    buried: () => {},
    giveBack: (delay = 0) => ends.giveBack(delay),
  };
}
