import type { EventOf } from '@pipit/types-registry';
import type { AggregateEvents } from './aggregate-events.ts';
import type { Bus } from './bus.ts';
import { type JetStreamBusOptions, openBus } from './jetstream/jetstream-bus.ts';

export type { AggregateEvents } from './aggregate-events.ts';
export type { JetStreamBusOptions } from './jetstream/jetstream-bus.ts';

/**
 * A bus on the stream of a store. A group is a durable pull consumer of that stream, named by the group.
 *
 * @throws StoreNotFoundError; StreamMismatchError where the stream is not one of Pipit's; ConnectionError where
 * JetStream is off or does not answer; InvalidSubjectTokenError for a name no store can have; InvalidRegistryError
 */
export function jetStreamBus<A extends AggregateEvents>(
  options: JetStreamBusOptions<A>,
): Promise<Bus<EventOf<A['events'][number]>>> {
  return openBus(options);
}
