import type { Logger } from '@pipit/types-registry';
import type { EventFacts, Handling, OperationRecorder } from '../operations.ts';
import { errorFacts } from './error-facts.ts';
import { isOperationId } from './operation-id.ts';
import type { NewRecord } from './operation-log.ts';
import { recordOfEvent, recordOfHandling } from './record.ts';
import type { RecordQueue } from './record-queue.ts';

export interface RecorderContext {
  readonly store: string;
  readonly queue: RecordQueue;
  readonly logger: Logger;
  readonly clock: () => Date;
  readonly instance: string;
}

export function operationRecorder({
  store,
  queue,
  logger,
  clock,
  instance: ownInstance,
}: RecorderContext): OperationRecorder {
  /** Facts that cannot be written down are a mistake of the caller's, and no reason to fail what they are about. */
  function push(make: () => readonly NewRecord[]): void {
    try {
      queue.push(make());
    } catch (err) {
      const reason = err instanceof Error ? err.message : String(err);
      logger.error({ store, err }, `What happened to an event of an operation cannot be recorded: ${reason}`);
    }
  }

  return {
    appended(events: readonly EventFacts[]) {
      const own = events.filter(({ correlationId }) => isOperationId(correlationId));
      if (own.length > 0) push(() => own.map(recordOfEvent));
    },
    handled({ event, group, attempt, outcome, error, at, instance = ownInstance }: Handling) {
      if (!isOperationId(event.correlationId)) return;
      push(() => {
        const failed = error === undefined ? undefined : errorFacts(error);
        return [
          recordOfHandling({ event, group, attempt, outcome, at: at ?? clock(), instance, error: failed }),
        ];
      });
    },
  };
}
