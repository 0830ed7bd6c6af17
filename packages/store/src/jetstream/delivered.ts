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
    const tokens = message.reply?.split('.') ?? [];
    const at = tokens.length === 9 ? 5 : 7;
    if (tokens.length < 9 || tokens[1] !== 'ACK')
      throw new Error(`a delivery of JetStream has no reply subject like ${message.reply}`);
    this.message = message;
    this.subject = message.subject;
    this.body = message.data;
    this.sequence = Number(tokens[at]);
    this.delivery = Number(tokens[at + 1]);
    this.nanoseconds = tokens[at + 2] ?? '';
    this.pending = Number(tokens[at + 3]);
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
