import { checkTimeout, draftTopicEvent, recordPublished } from '../../draft-topic-event.ts';
import { PublishInDoubtError, PublishRefusedError } from '../../topic-errors.ts';
import { topicsStream } from '../../topic-event.ts';
import type { Topics } from '../../topics.ts';
import { headerBlock } from './header-block.ts';
import { type JetStreamTopicsOptions, openTopics } from './open-topics.ts';
import { openPublisher } from './publisher.ts';

/**
 * Topics on JetStream, in the stream `<store>_topics`, one subject per key.
 *
 * @throws UnsupportedServerError, ConnectionError, StreamMismatchError, TopicStreamRefusedError, InvalidTopicError,
 * InvalidSubjectTokenError
 */
export async function jetStreamTopics(options: JetStreamTopicsOptions): Promise<Topics> {
  const { connection, store } = options;
  await openTopics(options);
  const stream = topicsStream(store);
  const publisher = openPublisher(connection, `Publishing to the topics of store ${store}`);
  return {
    async publish(topic, key, event, { timeout } = {}) {
      const patience = checkTimeout(timeout);
      const draft = draftTopicEvent(topic, key, event, options);
      const { id, type, address, payload } = draft;
      const facts = () => ({ stream, eventId: id, topic: draft.topic, key });
      const { seq, duplicate } = await publisher.publish(
        {
          subject: `${stream}.${address}`,
          headers: headerBlock(store, draft),
          body: payload.bytes,
          type,
          operation: `Publishing event ${id} to topic ${draft.topic}`,
          refused: (code, description, cause) => new PublishRefusedError(facts(), code, description, cause),
          inDoubt: (cause) => new PublishInDoubtError(facts(), cause),
        },
        patience,
      );
      recordPublished(options.recorder, draft, seq);
      return { id, position: seq, duplicate };
    },
    close: () => publisher.close(),
  };
}
