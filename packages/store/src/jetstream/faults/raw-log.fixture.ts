import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { type AggregateRef, type LayoutName, subjectLayouts } from '@pipit/types-registry';

/** A message of the stream as the bare client reads it. */
export interface RawEvent {
  readonly position: number;
  readonly aggregate: AggregateRef;
  readonly id: string;
  readonly type: string;
  readonly revision: number;
  readonly data: { readonly append: number; readonly item: number; readonly id?: string };
}

export async function rawLog(
  connection: NatsConnection,
  stream: string,
  layout: LayoutName,
): Promise<readonly RawEvent[]> {
  const events: RawEvent[] = [];
  const consumer = await jetstream(connection).consumers.get(stream);
  for await (const message of await consumer.consume()) {
    const { headers, seq, subject, info } = message;
    const header = (name: string) => headers?.get(name) ?? '';
    events.push({
      position: seq,
      aggregate: subjectLayouts[layout].aggregateOf(subject),
      id: header('Nats-Msg-Id'),
      type: header('ce-type'),
      revision: Number(header('ce-revision')),
      data: message.json(),
    });
    if (info.pending === 0) break;
  }
  return events;
}

/** Whether it is an event of a ledger, not one of a unique key. */
export function isLedgerEvent({ aggregate }: RawEvent): boolean {
  return aggregate.type === 'ledger';
}

export function nameOf({ type, id }: AggregateRef): string {
  return `${type} ${id}`;
}
