import {
  type Catalog,
  decodeEvent,
  decodeToken,
  type EventDefinition,
  type StoredMessage,
  type SubjectLayout,
} from '@pipit/types-registry';
import type { DeliveredEvent } from '../delivered-event.ts';
import { decodeTopicEvent, lastingHeaders, topicsStream } from '../topic-event.ts';
import type { OpenStore } from './open-store.ts';

/** What it takes to read the messages of the stream that a group reads. */
export interface EventSource {
  readonly stream: string;
  /** What order is kept by, as two tokens: aggregate type and id, or topic and key. */
  keyOf(subject: string): string;
  /** @throws UnreadableEventError */
  decode(message: StoredMessage): DeliveredEvent;
  /** The headers that make the event wherever it is sent on to. */
  headersOf(message: StoredMessage): ReadonlyMap<string, string>;
}

export function storeSource(
  stream: string,
  layout: SubjectLayout,
  events: Catalog<EventDefinition>,
): EventSource {
  return {
    stream,
    keyOf: (subject) => {
      const start = subject.indexOf('.') + 1;
      return layout.name === 'aggregate'
        ? subject.slice(start)
        : subject.slice(start, subject.lastIndexOf('.'));
    },
    decode: (message) => decodeEvent(events, message),
    headersOf,
  };
}

/** The events of one type of aggregate, or of all. */
export function eventFilter({ name, layout }: OpenStore, types: ReadonlySet<string>): string {
  const [only, ...others] = types;
  if (only === undefined || others.length > 0) return layout.streamSubject(name);
  return layout.typeFilter(name, decodeToken('aggregate type', only));
}

export function topicSource(store: string, events: Catalog<EventDefinition>): EventSource {
  return {
    stream: topicsStream(store),
    keyOf: (subject) => subject.slice(subject.indexOf('.') + 1),
    decode: (message) => decodeTopicEvent(events, message),
    headersOf: (message) => lastingHeaders(headersOf(message), message),
  };
}

function headersOf(message: StoredMessage): Map<string, string> {
  return new Map([...message.headerNames()].map((name) => [name, message.header(name) ?? '']));
}
