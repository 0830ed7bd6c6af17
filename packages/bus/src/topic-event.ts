import {
  type Catalog,
  type DomainEvent,
  type EventDefinition,
  eventTypeOf,
  readUnrevisedEnvelope,
  type StoredMessage,
  UnreadableEventError,
} from '@pipit/types-registry';

/** An integration event as subscribers of its topic get it. */
export interface TopicEvent<Type extends string = string, Data = unknown>
  extends Omit<DomainEvent<Type, Data>, 'aggregate' | 'revision'> {
  /** The same at every delivery. Each firing of a repeating schedule has its own. */
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  /** When it happened: by the clock of its author, or, where a schedule fired it, when that was due or was stored. */
  readonly time: Date;
  /** The name of the store that the topic belongs to. */
  readonly store: string;
  /** The sequence in the stream of topics, `<store>_topics`, from 1, not without gaps. */
  readonly position: number;
}

type TopicEventFor<D> =
  D extends EventDefinition<infer Type, infer _Input, infer Data> ? TopicEvent<Type, Data> : never;

/** Marks what a repeating schedule fires: its `ce-id` stands for the schedule, not for the firing. */
export const repeatsHeader = 'Pipit-Repeats';
/** Set by the server on what a schedule fires (ADR-51): when it is due again. */
export const scheduleNextHeader = 'Nats-Schedule-Next';

const idHeader = 'ce-id';

const streamSuffix = '_topics';

/** The name of the stream that holds the topics of a store. */
export function topicsStream(store: string): string {
  return `${store}${streamSuffix}`;
}

/**
 * Reads a stored integration event of either CloudEvents mode.
 *
 * @param events what is subscribed to: a topic's catalog, or one over several topics
 * @param message of the stream of topics: `store` is the stream's name, `aggregate` the topic (`type`) and key (`id`)
 * @throws UnreadableEventError naming stream, position and type, with the reason as its cause
 */
export function decodeTopicEvent<D extends EventDefinition>(
  events: Catalog<D>,
  message: StoredMessage,
): TopicEventFor<D> {
  const { store: stream, position } = message;
  try {
    const envelope = readUnrevisedEnvelope(message);
    const { type, payload, time, metadata, causationId, traceparent } = envelope;
    const id = idOf(envelope.id, message);
    const event: TopicEvent = {
      id,
      type,
      topic: message.aggregate.type,
      key: message.aggregate.id,
      schemaVersion: payload.schemaVersion,
      time,
      data: events.decode(type as D['type'], payload),
      metadata,
      correlationId: envelope.correlationId ?? id,
      causationId,
      traceparent,
      store: stream.endsWith(streamSuffix) ? stream.slice(0, -streamSuffix.length) : stream,
      position,
    };
    return event as TopicEventFor<D>;
  } catch (cause) {
    throw new UnreadableEventError({ stream, position, type: typeForError(message), cause });
  }
}

/** The time of the next firing tells one firing from the others, and is the same should a server fire twice. */
function idOf(id: string, message: StoredMessage): string {
  if (message.header(repeatsHeader) === undefined) return id;
  return `${id}@${message.header(scheduleNextHeader) ?? message.position}`;
}

/**
 * Headers that say of an event what the stream of topics says of it, for wherever else it is kept or sent: one firing of
 * a repeating schedule has its own id, and repeats no more.
 */
export function lastingHeaders(
  headers: ReadonlyMap<string, string>,
  message: StoredMessage,
): ReadonlyMap<string, string> {
  const id = headers.get(idHeader);
  if (id === undefined || !headers.has(repeatsHeader)) return headers;
  const lasting = new Map(headers);
  lasting.delete(repeatsHeader);
  lasting.set(idHeader, idOf(id, message));
  return lasting;
}

function typeForError(message: StoredMessage): string | undefined {
  try {
    return eventTypeOf(message);
  } catch {
    // The cause of the error that is being made says more than this one would.
    return undefined;
  }
}
