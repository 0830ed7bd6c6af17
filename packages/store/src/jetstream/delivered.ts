import type { Msg } from '@nats-io/nats-core';
import { MsgImpl } from '@nats-io/nats-core/internal';
import type { HeaderBlock } from '@pipit/types-registry';
import { rawHeaders } from './raw-headers.ts';

/** A message as a consumer delivers it. A class, because there is one for every event that is read. */
export class Delivered {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly sequence: number;
  /** The place in what this consumer has delivered, from 1. */
  readonly delivery: number;
  /** How many messages the consumer had left behind this one. */
  readonly pending: number;
  private readonly message: Msg;
  private readonly nanoseconds: string;

  /** @throws Error where it was not delivered by JetStream */
  constructor(message: Msg) {
    // $JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<delivery>.<time>.<pending>, or with domain and account
    // before the stream and a random token at the end (ADR-15).
    const { reply = '' } = message;
    const ends = endsOfTokens(reply);
    const at = ends.length === 9 ? 5 : 7;
    if (ends.length < 9 || !reply.startsWith('$JS.ACK.'))
      throw new Error(`a delivery of JetStream has no reply subject like ${message.reply}`);
    this.message = message;
    this.subject = message.subject;
    this.body = message.data;
    this.sequence = Number(tokenAt(reply, ends, at));
    this.delivery = Number(tokenAt(reply, ends, at + 1));
    this.nanoseconds = tokenAt(reply, ends, at + 2);
    this.pending = Number(tokenAt(reply, ends, at + 3));
  }

  /** When the stream stored it. */
  get time(): Date {
    return new Date(Number(this.nanoseconds.slice(0, -6)));
  }

  get headers(): HeaderBlock {
    return rawHeaders(this.message);
  }

  /** Bytes as they count against the limits of a pull. */
  get size(): number {
    return this.message instanceof MsgImpl ? this.message.size() : this.body.byteLength;
  }
}

/** Four tokens of nine are asked for: to make texts of all costs more than the rest of a delivery. */
function endsOfTokens(subject: string): readonly number[] {
  const ends: number[] = [];
  for (let dot = subject.indexOf('.'); dot !== -1; dot = subject.indexOf('.', dot + 1)) ends.push(dot);
  ends.push(subject.length);
  return ends;
}

function tokenAt(subject: string, ends: readonly number[], index: number): string {
  return subject.slice((ends[index - 1] ?? -1) + 1, ends[index]);
}
