import {
  type AggregateRef,
  decodeEvent,
  eventTypeOf,
  type RecordedEvent,
  type StoredMessage,
} from '@pipit/types-registry';
import type { Item, Original } from '../../delivery/item.ts';
import { aggregateOfKey } from '../aggregate-of-key.ts';
import type { EventSource } from '../delivered-item.ts';
import type { StoredLetter } from './stored-letter.ts';

/** How the attempt to handle a letter ended. */
export interface LetterEnds {
  /** It comes again, after so many milliseconds. */
  giveBack(delay: number): void;
}

/** A letter on its way to a handler again. It stays a letter until it has been handled. */
export function letterItem(source: EventSource, letter: StoredLetter, ends: LetterEnds): Item {
  const { store, events } = source;
  const { position, storedAt, headers, body, key } = letter;
  let ref: AggregateRef | undefined;
  let decoded: RecordedEvent | undefined;
  const message: StoredMessage = {
    store,
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
    get aggregate() {
      return message.aggregate;
    },
    storedAt,
    type: () => eventTypeOf(message),
    event() {
      decoded ??= decodeEvent(events, message);
      return decoded;
    },
    original: (): Original => ({ headers, body }),
    // Who resumes it removes the letter, and waits for that.
    ack: () => {},
    buried: () => {},
    giveBack: (delay = 0) => ends.giveBack(delay),
  };
}
