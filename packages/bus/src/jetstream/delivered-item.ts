import { type Msg, nanos } from '@nats-io/nats-core';
import { type AggregateRef, eventTypeOf, type HeaderBlock, type StoredMessage } from '@pipit/types-registry';
import { aggregateOfKey } from '../aggregate-of-key.ts';
import type { DeliveredEvent } from '../delivered-event.ts';
import type { Item, Original } from '../delivery/item.ts';
import { atEndOfTurn } from './end-of-turn.ts';
import type { EventSource } from './event-source.ts';
import { rawHeaders } from './raw-headers.ts';

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
  private decoded: DeliveredEvent | undefined;
  private ref: AggregateRef | undefined;

  constructor(source: EventSource, msg: Msg, now: number) {
    this.source = source;
    this.msg = msg;
    this.renewedAt = now;
    this.key = source.keyOf(msg.subject);
    const { count, position, sequence, nanoseconds } = readReply(msg.reply ?? '');
    this.deliveryCount = count;
    this.sequence = sequence;
    this.position = position;
    this.storedNanos = nanoseconds;
  }

  get store(): string {
    return this.source.stream;
  }

  /** Read only when it is asked for, where its errors can name the event. */
  get aggregate(): AggregateRef {
    this.ref ??= aggregateOfKey(this.key);
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
    return name.startsWith('Nats-') ? this.headers.ofServer(name) : this.headers.get(name);
  }

  headerNames(): Iterable<string> {
    this.headers ??= rawHeaders(this.msg);
    return this.headers.names();
  }

  type(): string {
    return this.decoded?.type ?? eventTypeOf(this);
  }

  event(): DeliveredEvent {
    this.decoded ??= this.source.decode(this);
    return this.decoded;
  }

  original(): Original {
    return { headers: this.source.headersOf(this), body: this.body };
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

const dot = 46;

/**
 * What the reply subject of a delivery says (ADR-15):
 * `$JS.ACK.<stream>.<consumer>.<count>.<stream sequence>.<consumer sequence>.<nanoseconds>.<pending>`, or with domain
 * and account before the stream.
 */
export function readReply(reply: string): {
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
