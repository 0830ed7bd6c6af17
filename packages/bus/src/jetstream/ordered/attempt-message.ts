import type { Msg, MsgHdrs } from '@nats-io/nats-core';
import type { HeaderBlock, StoredMessage } from '@pipit/types-registry';
import { aggregateOfKey } from '../../aggregate-of-key.ts';
import type { DeliveredEvent } from '../../delivered-event.ts';
import type { Item } from '../../delivery/item.ts';
import type { Readable } from '../../delivery/worker.ts';
import type { EventSource } from '../event-source.ts';
import { rawHeaders } from '../raw-headers.ts';

/**
 * An attempt as it is sent to a member: the event as it was stored, and on the subject, behind the member's inbox and
 * the number of the attempt, `<delivery count>.<position>.<milliseconds of storing>.<aggregate type>.<aggregate id>`.
 */
export interface EncodedAttempt {
  readonly tail: string;
  readonly headers: { readonly headers?: MsgHdrs };
  readonly body: Uint8Array;
}

export function encodeAttempt(item: Item, deliveryCount: number): EncodedAttempt {
  const { headers, body } = item.original();
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  const block = Buffer.from(`NATS/1.0\r\n${lines.join('')}\r\n`);
  return {
    tail: `${deliveryCount}.${item.position}.${item.storedAt.getTime()}.${item.key}`,
    headers: { headers: encoded(block) },
    body,
  };
}

/** All that the client's `publish` asks of headers; its own class would check and change their names. */
function encoded(block: Uint8Array): MsgHdrs {
  return { encode: () => block } as unknown as MsgHdrs;
}

export interface ReceivedAttempt extends Readable {
  readonly number: number;
  readonly deliveryCount: number;
}

/** @param tokens how many tokens the member's inbox has */
export function decodeAttempt(source: EventSource, msg: Msg, tokens: number): ReceivedAttempt {
  const [number = '', count = '', position = '', storedAt = '', type = '', id = ''] = msg.subject
    .split('.')
    .slice(tokens);
  let headers: HeaderBlock | undefined;
  const lazily = () => {
    headers ??= rawHeaders(msg);
    return headers;
  };
  const message: StoredMessage = {
    store: source.stream,
    position: Number(position),
    get aggregate() {
      return aggregateOfKey(`${type}.${id}`);
    },
    storedAt: new Date(Number(storedAt)),
    header: (name) => lazily().get(name),
    headerNames: () => lazily().names(),
    body: msg.data,
  };
  let decoded: DeliveredEvent | undefined;
  return {
    number: Number(number),
    deliveryCount: Number(count),
    event() {
      decoded ??= source.decode(message);
      return decoded;
    },
  };
}
