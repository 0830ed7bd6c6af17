import {
  type AggregateRef,
  type Catalog,
  type EventDefinition,
  encodeToken,
  eventHeaders,
  eventTypeOf,
  type RecordedEvent,
  type StoredMessage,
} from '@pipit/types-registry';
import type { DeliveredEvent } from '../delivered-event.ts';
import type { Item } from '../delivery/item.ts';
import { decodeTopicEvent, lastingHeaders } from '../topic-event.ts';
import type { MemoryTopicLog } from './topics/memory-topic-log.ts';

/** A store whose events can be followed; every event store of Pipit is one. */
export interface EventFeed {
  readonly name: string;
  follow(options?: {
    readonly fromPosition?: number;
    readonly fromTime?: Date;
    readonly signal?: AbortSignal;
  }): AsyncIterable<{ readonly events: readonly RecordedEvent[]; readonly position: number }>;
  position(): Promise<number>;
}

/** An event before it is delivered to a group. */
export type FedEvent = Pick<
  Item,
  'position' | 'key' | 'aggregate' | 'storedAt' | 'type' | 'event' | 'original'
>;

/** What a group in memory reads. */
export interface MemoryFeed {
  readonly topic: string | undefined;
  /** Of the last event there is; 0 where there is none. */
  position(): Promise<number>;
  /** How many events there are behind a position, and where there are gaps, at most. */
  countAfter(position: number): Promise<number>;
  /** The events that are there and those to come. */
  follow(from: number | Date, signal: AbortSignal): AsyncIterable<FedEvent>;
}

export function storeFeed(store: EventFeed, events: Catalog<EventDefinition>): MemoryFeed {
  return {
    topic: undefined,
    position: () => store.position(),
    // A group may begin at a position to come.
    countAfter: async (position) => Math.max(0, (await store.position()) - position),
    async *follow(from, signal) {
      const start = from instanceof Date ? { fromTime: from } : { fromPosition: from };
      for await (const batch of store.follow({ ...start, signal }))
        for (const event of batch.events) yield fedEvent(events, event);
    },
  };
}

function fedEvent(events: Catalog<EventDefinition>, event: RecordedEvent): FedEvent {
  return {
    position: event.position,
    key: keyOf(event.aggregate),
    aggregate: event.aggregate,
    storedAt: event.time,
    type: () => event.type,
    event: () => event,
    original() {
      const payload = events.encode(event.type, event.data);
      const headers = eventHeaders(event.store, { ...event, payload });
      return { headers: new Map([...headers, ['ce-revision', String(event.revision)]]), body: payload.bytes };
    },
  };
}

export function topicFeed(log: MemoryTopicLog, topic: string, events: Catalog<EventDefinition>): MemoryFeed {
  const isOfTopic = ({ aggregate }: StoredMessage) => aggregate.type === topic;
  return {
    topic,
    position: async () => log.messages.length,
    countAfter: async (position) => log.messages.slice(position).filter(isOfTopic).length,
    async *follow(from, signal) {
      let stored = Promise.withResolvers<void>();
      const wake = () => stored.resolve();
      const forget = log.onStored(wake);
      signal.addEventListener('abort', wake, { once: true });
      try {
        for (let index = from instanceof Date ? 0 : from - 1; !signal.aborted; ) {
          const message = log.messages[index];
          if (message === undefined) {
            await stored.promise;
            stored = Promise.withResolvers();
            continue;
          }
          index += 1;
          const isBefore = from instanceof Date && message.storedAt < from;
          if (isOfTopic(message) && !isBefore) yield fedMessage(events, message);
        }
      } finally {
        forget();
        signal.removeEventListener('abort', wake);
      }
    },
  };
}

function fedMessage(events: Catalog<EventDefinition>, message: StoredMessage): FedEvent {
  const { position, aggregate, storedAt, body } = message;
  let decoded: DeliveredEvent | undefined;
  return {
    position,
    key: keyOf(aggregate),
    aggregate,
    storedAt,
    type: () => eventTypeOf(message),
    event() {
      decoded ??= decodeTopicEvent(events, message);
      return decoded;
    },
    original() {
      const headers = new Map([...message.headerNames()].map((name) => [name, message.header(name) ?? '']));
      return { headers: lastingHeaders(headers, message), body };
    },
  };
}

function keyOf({ type, id }: AggregateRef): string {
  return `${encodeToken('aggregate type', type)}.${encodeToken('aggregate id', id)}`;
}
