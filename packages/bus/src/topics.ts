import {
  type Catalog,
  defineRegistry,
  type EventDefinition,
  encodeToken,
  type NewEventOf,
} from '@pipit/types-registry';
import { InvalidTopicError } from './topic-errors.ts';
import type { TopicEvent } from './topic-event.ts';

/** A named channel for integration events: facts for others to know, that belong to no aggregate. */
export interface Topic<Name extends string = string, D extends EventDefinition = EventDefinition> {
  readonly name: Name;
  readonly events: readonly D[];
  readonly catalog: Catalog<D>;
}

/** The events of a topic as subscribers get them: a union to switch on `type` where there are several. */
export type TopicEventOf<T> =
  T extends Topic<string, infer D>
    ? D extends EventDefinition<infer Type, infer _Input, infer Data>
      ? TopicEvent<Type, Data>
      : never
    : never;

/**
 * Publishes integration events to the topics of one store. They lie in a stream of their own, `<store>_topics`, beside
 * the store's events and apart from them.
 *
 * Not promised: that an event is stored once where the same id is published again after the server has forgotten it (two
 * minutes), and the order of events that are published at the same time.
 */
export interface Topics {
  /**
   * Fulfilled when the event is stored. The payload is validated before anything is sent; what the author leaves out is
   * filled in as for appended events: id, time, and the correlation of the handler this runs in.
   *
   * While the connection is down it waits, and an answer that got lost is asked for again under the same id, which the
   * server stores once.
   *
   * @param key what belongs together: subscribers that keep order keep it per key. Any text that takes at most 128 bytes
   * as a subject token.
   * @throws InvalidPayloadError, UnknownEventTypeError, InvalidEventError, InvalidSubjectTokenError (the key),
   * InvalidTopicError (an option), PayloadTooLargeError, PublishRefusedError: nothing was stored
   * @throws TimeoutError where it could not be sent in time: nothing was stored
   * @throws PublishInDoubtError where it may have been stored; publishing again with the same id is safe
   * @throws ConnectionError where the connection is closed; StoppedError after `close`
   */
  publish<D extends EventDefinition>(
    topic: Topic<string, D>,
    key: string,
    event: NewEventOf<NoInfer<D>>,
    options?: PublishOptions,
  ): Promise<Published>;
  /** Publishes nothing more. What is under way fails as if the connection were lost. The connection stays open. */
  close(): void;
}

export interface PublishOptions {
  /** Milliseconds to wait for connection and answer, 1 to 100,000: less than the server remembers ids. Default: 10,000. */
  readonly timeout?: number;
}

export interface Published {
  /** The id of the event. */
  readonly id: string;
  /** Its sequence in the stream of topics. */
  readonly position: number;
  /** Whether an event of this id was there already, so that this one was not stored. */
  readonly duplicate: boolean;
}

/**
 * Defines a topic and the events it takes.
 *
 * @param name any text that takes at most 128 bytes as a subject token
 * @throws InvalidTopicError without events; InvalidSubjectTokenError; InvalidRegistryError for two events of one name
 */
export function defineTopic<const Name extends string, D extends EventDefinition>(
  name: Name,
  { events }: { readonly events: readonly D[] },
): Topic<Name, D> {
  encodeToken('topic', name);
  if (!Array.isArray(events) || events.length === 0) {
    throw new InvalidTopicError('events', `of ${name} is empty: give at least one definition`);
  }
  return { name, events, catalog: defineRegistry({ events }).events };
}
