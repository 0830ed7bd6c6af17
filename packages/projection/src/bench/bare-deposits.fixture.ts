import type { JetStreamClient } from '@nats-io/jetstream';
import type { Deposit } from './deposits.fixture.ts';

export interface BareDeposit {
  readonly key: string;
  readonly data: Deposit;
  readonly position: number;
}

/** The first events of a stream, as somebody without Pipit reads them: an ordered consumer and `JSON.parse`. */
export async function* bareDeposits(
  js: JetStreamClient,
  stream: string,
  events: number,
): AsyncGenerator<BareDeposit> {
  const consumer = await js.consumers.get(stream);
  const messages = await consumer.consume({ max_messages: 1_000 });
  try {
    for await (const message of messages) {
      const { subject, seq } = message;
      yield {
        key: subject.slice(subject.lastIndexOf('.') + 1),
        data: message.json<Deposit>(),
        position: seq,
      };
      if (seq === events) return;
    }
  } finally {
    await messages.close();
    await consumer.delete();
  }
}
