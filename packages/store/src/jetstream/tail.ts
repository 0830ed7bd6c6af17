import type { StoredMsg } from '@nats-io/jetstream';
import {
  type AggregateRef,
  type Envelope,
  readEnvelope,
  type StoredMessage,
  type SubjectLayout,
  UnreadableEventError,
} from '@pipit/types-registry';
import type { JetStreamApi } from './api.ts';
import { copiedHeaders } from './raw-headers.ts';
import { toStoredMessage } from './to-stored-message.ts';

/** Where an aggregate ends: the revision and the sequence of its last event; both 0 where it has none. */
export interface Tail {
  readonly revision: number;
  readonly sequence: number;
}

/** Looks up single events of a store. */
export interface EventLookup {
  /** From any replica: fast, and possibly behind. */
  nearbyTail(aggregate: AggregateRef): Promise<Tail>;
  /** From the stream's leader. */
  tail(aggregate: AggregateRef): Promise<Tail>;
  /** The aggregate's first event behind a sequence, from the leader. */
  firstAfter(aggregate: AggregateRef, sequence: number): Promise<StoredMessage | undefined>;
  /** The last event that matches one of the filters, from the leader. */
  lastOf(filters: readonly string[]): Promise<StoredMessage | undefined>;
  /** The position of the first event from a position on that matches one of the filters, from the leader. */
  firstOf(filters: readonly string[], fromPosition: number): Promise<number | undefined>;
}

export function eventLookup({ manager }: JetStreamApi, stream: string, layout: SubjectLayout): EventLookup {
  type Query = Parameters<typeof manager.streams.getMessage>[1];

  async function fromLeader(query: Query): Promise<StoredMessage | undefined> {
    const found = await manager.streams.getMessage(stream, query);
    return found === null ? undefined : stored(found);
  }

  function stored(found: StoredMsg): StoredMessage {
    const { subject, seq, header, data, time } = found;
    return toStoredMessage(stream, layout, {
      subject,
      sequence: seq,
      storedAt: { time },
      headers: copiedHeaders(header),
      body: data,
    });
  }

  async function tail(aggregate: AggregateRef): Promise<Tail> {
    return tailOf(await fromLeader({ last_by_subj: layout.aggregateFilter(stream, aggregate) }));
  }

  return {
    async nearbyTail(aggregate) {
      // The client puts the subject into the request's own subject, where a wildcard cannot stand.
      if (layout.name === 'event') return tail(aggregate);
      const filter = layout.aggregateFilter(stream, aggregate);
      const found = await manager.direct.getMessage(stream, { last_by_subj: filter });
      return tailOf(found === null ? undefined : stored(found));
    },
    tail,
    firstAfter(aggregate, sequence) {
      // The server takes `next_by_subj` here as well (StreamMsgGetRequest); the client's type leaves it out.
      const query = { seq: sequence + 1, next_by_subj: layout.aggregateFilter(stream, aggregate) };
      return fromLeader(query);
    },
    async firstOf(filters, fromPosition) {
      const found = await Promise.all(
        filters.map((filter) => fromLeader({ seq: fromPosition, next_by_subj: filter } as Query)),
      );
      const positions = found.flatMap((message) => message?.position ?? []);
      return positions.length === 0 ? undefined : Math.min(...positions);
    },
    async lastOf(filters) {
      const last = await Promise.all(filters.map((filter) => fromLeader({ last_by_subj: filter })));
      return last.reduce(
        (latest, message) => ((message?.position ?? 0) > (latest?.position ?? 0) ? message : latest),
        undefined,
      );
    },
  };
}

function tailOf(message: StoredMessage | undefined): Tail {
  if (message === undefined) return { revision: 0, sequence: 0 };
  return { revision: envelopeOf(message).revision, sequence: message.position };
}

/** @throws UnreadableEventError */
export function envelopeOf(message: StoredMessage): Envelope {
  try {
    return readEnvelope(message);
  } catch (cause) {
    throw new UnreadableEventError({
      stream: message.store,
      position: message.position,
      type: undefined,
      cause,
    });
  }
}
