import type { RecordedEvent } from '@pipit/types-registry';
import type { TopicEvent } from './topic-event.ts';

/** What a group may get: an event of the store, or one that was published to a topic. `'topic' in event` tells them apart. */
export type DeliveredEvent = RecordedEvent | TopicEvent;
