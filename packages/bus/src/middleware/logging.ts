import { guardLogger, type LogFacts, type Logger } from '@pipit/types-registry';
import type { Middleware } from '../middleware.ts';
import { PausedError } from '../paused-error.ts';

export interface LoggingOptions {
  /** Default: the bus's. */
  readonly logger?: Logger;
  /** Milliseconds from any beginning that do not jump. Default: `performance.now`. */
  readonly clock?: () => number;
}

/** One line per event: `info` with the duration when it was handled or put off, `warn` when it failed. */
export function logging({ logger: own, clock = () => performance.now() }: LoggingOptions = {}): Middleware {
  return (next, { group, logger: bus }) => {
    const logger = own === undefined ? bus : guardLogger(own);
    return async (event, context) => {
      const { type, id: eventId, store, position } = event;
      const { deliveryCount } = context;
      const begun = clock();
      const facts = (): LogFacts & { readonly duration: number } => {
        const duration = Math.round((clock() - begun) * 10) / 10;
        return { store, group, type, eventId, position, deliveryCount, duration };
      };
      try {
        await next(event, context);
      } catch (err) {
        const said = facts();
        if (err instanceof PausedError) {
          logger.info(
            { ...said, err },
            `${group} put ${type} ${eventId} off for ${err.for} ms: ${err.reason}`,
          );
        } else {
          logger.warn({ ...said, err }, `${group} failed on ${type} ${eventId} after ${said.duration} ms`);
        }
        throw err;
      }
      const said = facts();
      logger.info(said, `${group} handled ${type} ${eventId} in ${said.duration} ms`);
    };
  };
}
