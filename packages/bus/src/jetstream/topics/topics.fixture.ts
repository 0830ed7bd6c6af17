import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { StoredMessage } from '@pipit/types-registry';
import { topicsStream } from '../../topic-event.ts';
import { topicOfSubject } from './topic-subjects.ts';

/** A connection as a service has it. */
export function connectTo(servers: string | readonly string[]): Promise<NatsConnection> {
  const list = typeof servers === 'string' ? servers : [...servers];
  return connect({ servers: list, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
}

/** All that lies on the subjects of topics by now, in order, read past Pipit. */
export async function storedMessages(connection: NatsConnection, store: string): Promise<StoredMessage[]> {
  const manager = await jetstreamManager(connection);
  const stream = topicsStream(store);
  const { state } = await manager.streams.info(stream);
  const messages: StoredMessage[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
    const found = await manager.streams
      .getMessage(stream, { seq, next_by_subj: `${stream}.*.*` } as never)
      .catch(() => null);
    if (found === null) break;
    seq = found.seq;
    const { topic, key } = topicOfSubject(found.subject);
    const { header } = found;
    messages.push({
      store: stream,
      position: found.seq,
      aggregate: { type: topic, id: key },
      storedAt: found.time,
      header: (name) => (header?.has(name) ? header.get(name) : undefined),
      headerNames: () => header?.keys() ?? [],
      body: found.data,
    });
  }
  return messages;
}
