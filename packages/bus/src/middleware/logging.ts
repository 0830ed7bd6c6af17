import { guardLogger, type LogFacts, type Logger } from '@pipit/types-registry';
import { eventFacts } from '../delivery/event-facts.ts';
import type { Middleware } from '../middleware.ts';
import { PausedError } from '../paused-error.ts';

export interface LoggingOptions {
  /** Default: the bus's. */
  readonly logger?: Logger;
  /** Milliseconds from any beginning that do not jump. Default: `performance.now`. */
  readonly clock?: () => number;
}

/**
 * One line per event that was handled or put off, with the duration. What fails is not told twice: the bus tells it, with
 * what becomes of it.
 */
export function logging({ logger: own, clock = () => performance.now() }: LoggingOptions = {}): Middleware {
  return (next, { group, logger: bus }) => {
    const logger = own === undefined ? bus : guardLogger(own);
    return async (event, context) => {
      const { type, id: eventId } = event;
      const { deliveryCount } = context;
      const begun = clock();
      const facts = (): LogFacts & { readonly duration: number } => {
        const duration = Math.round((clock() - begun) * 10) / 10;
        return { ...eventFacts(event), group, deliveryCount, duration };
      };
      try {
        await next(event, context);
      } catch (err) {
        // The bus tells of a failure, with what becomes of it.
        if (err instanceof PausedError) {
          const message = `${group} put ${type} ${eventId} off for ${err.for} ms: ${err.reason}`;
          logger.info({ ...facts(), err }, message);
        }
        throw err;
      }
      const said = facts();
      logger.info(said, `${group} handled ${type} ${eventId} in ${said.duration} ms`);
    };
  };
}
