import type { RecordedEvent } from '@pipit/types-registry';
import type { Handler } from '../bus.ts';
import type { HandlerRuns } from './handler-runs.ts';
import type { Outcome } from './outcome.ts';
import { toError } from './to-error.ts';

/** Tries to handle an event that one of the handlers here is for. Never throws or rejects. */
export type Worker = (item: Readable, deliveryCount: number) => Outcome | Promise<Outcome>;

export interface Readable {
  /** @throws UnreadableEventError */
  event(): RecordedEvent;
}

export function createWorker(
  handlers: ReadonlyMap<string, Handler<RecordedEvent>>,
  runs: HandlerRuns,
): Worker {
  return (item, deliveryCount) => {
    try {
      const event = item.event();
      const handler = handlers.get(event.type);
      if (handler !== undefined) return runs.run(handler, event, deliveryCount);
      throw new Error(`there is no handler for ${event.type} here`);
    } catch (thrown) {
      // What cannot be read here may be read by a newer release, so it is tried again as well.
      return { state: 'failed', error: toError(thrown), final: false };
    }
  };
}
