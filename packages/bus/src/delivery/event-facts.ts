import type { LogFacts, Logger } from '@pipit/types-registry';
import type { DeliveredEvent } from '../delivered-event.ts';
import { isOperationId } from '../operations/operation-id.ts';

/** What every line about an event has, so that they are found by any of it. */
export function eventFacts(event: DeliveredEvent): LogFacts {
  const { store, position, type: eventType, id: eventId, correlationId } = event;
  return {
    store,
    position,
    eventType,
    eventId,
    ...('aggregate' in event ? { aggregate: event.aggregate } : { topic: event.topic }),
    ...(isOperationId(correlationId) && { operationId: correlationId }),
  };
}

/** A logger whose every line has these facts; those of the line itself count where both have one. */
export function boundLogger(logger: Logger, bound: LogFacts): Logger {
  return {
    info: (facts, message) => logger.info({ ...bound, ...facts }, message),
    warn: (facts, message) => logger.warn({ ...bound, ...facts }, message),
    error: (facts, message) => logger.error({ ...bound, ...facts }, message),
  };
}
