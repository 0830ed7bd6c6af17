import { eventHeaders, type Header, PayloadTooLargeError } from '@pipit/types-registry';
import { StoppedError } from '../../bus-errors.ts';
import {
  checkTimeout,
  draftTopicEvent,
  recordPublished,
  type TopicOptions,
} from '../../draft-topic-event.ts';
import type { Topics } from '../../topics.ts';
import type { MemoryTopicLog } from './memory-topic-log.ts';

/** A server's default, headers included. */
const longestMessage = 1_048_576;

/** Topics in memory: the same behaviour as on JetStream, for tests and trials; gone with the process. */
export function memoryTopics(log: MemoryTopicLog, options: TopicOptions = {}): Topics {
  let closed = false;
  return {
    async publish(topic, key, event, { timeout } = {}) {
      checkTimeout(timeout);
      const draft = draftTopicEvent(topic, key, event, options);
      const headers = eventHeaders(log.store, draft);
      if (closed) throw new StoppedError(`Publishing to the topics of store ${log.store}`);
      const { bytes } = draft.payload;
      checkSize(draft.type, headers, bytes);
      const stored = log.append({ topic: draft.topic, key, headers, body: bytes });
      recordPublished(options.recorder, draft, stored.position);
      return { id: draft.id, ...stored };
    },
    close() {
      closed = true;
    },
  };
}

/** @throws PayloadTooLargeError */
export function checkSize(type: string, headers: readonly Header[], body: Uint8Array): void {
  // `NATS/1.0`, `: ` and the line ends, as on the wire.
  const headerBytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 12);
  const size = headerBytes + body.byteLength;
  if (size > longestMessage) throw new PayloadTooLargeError(type, size, longestMessage);
}
