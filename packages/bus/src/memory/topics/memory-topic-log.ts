import { type Header, messageIdHeader, requireStoreName, type StoredMessage } from '@pipit/types-registry';
import { topicsStream } from '../../topic-event.ts';

/** The integration events of one store in memory, as their stream on JetStream would hold them. */
export interface MemoryTopicLog {
  readonly store: string;
  /** In the order of their positions. `store` is the stream's name, `aggregate` topic (`type`) and key (`id`). */
  readonly messages: readonly StoredMessage[];
  /** Stores what is new under its message id; within two minutes of the same id it is a duplicate. */
  append(message: MemoryTopicMessage): { readonly position: number; readonly duplicate: boolean };
  /** Told of each message as soon as it is stored. Returns what ends it. */
  onStored(listener: (message: StoredMessage) => void): () => void;
}

export interface MemoryTopicMessage {
  readonly topic: string;
  readonly key: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

const duplicateWindow = 120_000;

/**
 * @param clock when messages are stored; default: the system's
 * @throws InvalidSubjectTokenError for a name that no store can have
 */
export function memoryTopicLog(store: string, clock: () => Date = () => new Date()): MemoryTopicLog {
  const stream = topicsStream(requireStoreName(store));
  const messages: StoredMessage[] = [];
  const listeners = new Set<(message: StoredMessage) => void>();
  const known = new Map<string, StoredMessage>();

  return {
    store,
    messages,
    append({ topic, key, headers: lines, body }) {
      const headers = new Map(lines);
      const id = headers.get(messageIdHeader);
      const storedAt = clock();
      const earlier = id === undefined ? undefined : known.get(id);
      if (earlier !== undefined && storedAt.getTime() - earlier.storedAt.getTime() < duplicateWindow)
        return { position: earlier.position, duplicate: true };
      const message: StoredMessage = {
        store: stream,
        position: messages.length + 1,
        aggregate: { type: topic, id: key },
        storedAt,
        header: (name) => headers.get(name),
        headerNames: () => headers.keys(),
        body: body.slice(),
      };
      messages.push(message);
      if (id !== undefined) known.set(id, message);
      for (const listener of [...listeners]) listener(message);
      return { position: message.position, duplicate: false };
    },
    onStored(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
