import type { RecordedEvent } from '@pipit/types-registry';
import type { Aggregate } from './aggregate.ts';
import type { LatestOptions, Reading } from './event-store.ts';
import { checkUnreadable, decoder, type ReadingContext } from './read-events.ts';

/** Reads once the last event of each aggregate, and counts what it leaves out because it cannot be read. */
export function readLatest(
  context: ReadingContext,
  aggregate: Aggregate,
  options: LatestOptions,
): Reading<RecordedEvent> {
  const skipped = { count: 0 };
  return {
    get skipped() {
      return skipped.count;
    },
    [Symbol.asyncIterator]: () => eventsOf(context, aggregate, options, skipped),
  };
}

async function* eventsOf(
  context: ReadingContext,
  aggregate: Aggregate,
  options: LatestOptions,
  skipped: { count: number },
): AsyncGenerator<RecordedEvent> {
  const { signal } = options;
  context.checkSelected(aggregate, undefined);
  checkUnreadable(options.unreadable);
  const decode = decoder(context, options);
  for await (const messages of context.log.latest(aggregate.type, signal)) {
    for (const message of messages) {
      signal?.throwIfAborted();
      const event = decode(message);
      if (event === 'skipped') skipped.count += 1;
      else if (event !== undefined) yield event;
    }
  }
}
