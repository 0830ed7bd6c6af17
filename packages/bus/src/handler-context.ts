import type { Logger } from '@pipit/types-registry';

/** What a handler is told beside the event. */
export interface HandlerContext {
  readonly group: string;
  /**
   * 1 for the first try that is known of. Counts failed tries and deliveries, also those whose process died, so that
   * it may be more than the tries that were made.
   */
  readonly deliveryCount: number;
  /** Aborts when the handler's time is up, and when a stop does not wait for it any longer. */
  readonly signal: AbortSignal;
  /**
   * The bus's, with `store`, `group`, `position`, `eventType`, `eventId`, `aggregate`, `deliveryCount` and, where the event
   * belongs to one, `operationId` in each line.
   */
  readonly logger: Logger;
}
