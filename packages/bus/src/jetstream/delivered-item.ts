import { type Msg, nanos } from '@nats-io/nats-core';
import {
  type AggregateRef,
  type Catalog,
  decodeEvent,
  type EventDefinition,
  eventTypeOf,
  type HeaderBlock,
  type RecordedEvent,
  type StoredMessage,
  type SubjectLayout,
} from '@pipit/types-registry';
import type { Item, Original } from '../delivery/item.ts';
import { atEndOfTurn } from './end-of-turn.ts';
import { rawHeaders } from './raw-headers.ts';

/** What it takes to read the messages of a store's stream. */
export interface EventSource {
  readonly store: string;
  readonly layout: SubjectLayout;
  readonly events: Catalog<EventDefinition>;
}

/** A delivery of a group's consumer. A class, because there is one for every event. */
export class DeliveredItem implements Item, StoredMessage {
  readonly msg: Msg;
  readonly key: string;
  readonly position: number;
  readonly deliveryCount: number;
  /** Counts the deliveries of the consumer, whoever got them. */
  readonly sequence: number;
  /** When its lease began, or was last renewed; as `performance.now()`. */
  renewedAt: number;
  private readonly source: EventSource;
  private readonly storedNanos: number;
  private ended = false;
  private headers: HeaderBlock | undefined;
  private decoded: RecordedEvent | undefined;
  private ref: AggregateRef | undefined;

  constructor(source: EventSource, msg: Msg, now: number) {
    this.source = source;
    this.msg = msg;
    this.renewedAt = now;
    this.key = keyOf(source.layout, msg.subject);
    const { count, position, sequence, nanoseconds } = readReply(msg.reply ?? '');
    this.deliveryCount = count;
    this.sequence = sequence;
    this.position = position;
    this.storedNanos = nanoseconds;
  }

  get store(): string {
    return this.source.store;
  }

  /** Read only when it is asked for, where its errors can name the event. */
  get aggregate(): AggregateRef {
    this.ref ??= this.source.layout.aggregateOf(this.msg.subject);
    return this.ref;
  }

  get storedAt(): Date {
    return new Date(Math.floor(this.storedNanos / 1e6));
  }

  get body(): Uint8Array {
    return this.msg.data;
  }

  header(name: string): string | undefined {
    this.headers ??= rawHeaders(this.msg);
    return this.headers.get(name);
  }

  headerNames(): Iterable<string> {
    this.headers ??= rawHeaders(this.msg);
    return this.headers.names();
  }

  type(): string {
    return this.decoded?.type ?? eventTypeOf(this);
  }

  event(): RecordedEvent {
    this.decoded ??= decodeEvent(this.source.events, this);
    return this.decoded;
  }

  original(): Original {
    const names = [...this.headerNames()];
    return { headers: new Map(names.map((name) => [name, this.header(name) ?? ''])), body: this.body };
  }

  ack(): void {
    this.end('+ACK');
  }

  buried(): void {
    this.end('+ACK');
  }

  giveBack(delay = 0): void {
    this.end(delay === 0 ? '-NAK' : `-NAK {"delay":${nanos(delay)}}`);
  }

  /** Begins the lease anew: the server waits another `ack_wait` before it gives the event to someone else. */
  renew(now: number): void {
    if (this.ended) return;
    this.renewedAt = now;
    this.respond('+WPI');
  }

  private end(payload: string): void {
    if (this.ended) return;
    this.ended = true;
    this.respond(payload);
  }

  private respond(payload: string): void {
    atEndOfTurn(() => {
      try {
        this.msg.respond(payload);
      } catch {
        // The connection is closed: the lease runs out, and the event comes again.
      }
    });
  }
}

/** Aggregate type and id: all tokens behind the store's but, in layout `event`, the last. */
function keyOf(layout: SubjectLayout, subject: string): string {
  const start = subject.indexOf('.') + 1;
  return layout.name === 'aggregate' ? subject.slice(start) : subject.slice(start, subject.lastIndexOf('.'));
}

const dot = 46;

/**
 * What the reply subject of a delivery says (ADR-15):
 * `$JS.ACK.<stream>.<consumer>.<count>.<stream sequence>.<consumer sequence>.<nanoseconds>.<pending>`, or with domain
 * and account before the stream.
 */
function readReply(reply: string): {
  count: number;
  position: number;
  sequence: number;
  nanoseconds: number;
} {
  const dots: number[] = [];
  for (let index = 0; index < reply.length; index += 1) if (reply.charCodeAt(index) === dot) dots.push(index);
  const first = dots.length >= 10 ? 6 : 4;
  const token = (index: number) => Number(reply.slice((dots[index - 1] ?? -1) + 1, dots[index]));
  return {
    count: token(first) || 1,
    position: token(first + 1) || 0,
    sequence: token(first + 2) || 0,
    nanoseconds: token(first + 3) || 0,
  };
}
