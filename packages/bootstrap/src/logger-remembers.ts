import type { Middleware } from '@pipit/bus';

/**
 * Around all handlers of the bus: what is personal in an event that could not be handled is not printed either where the
 * error repeats it in its own words.
 */
export function rememberPayloads(remember: (error: unknown, payload: unknown) => void): Middleware {
  return (next) => async (event, context) => {
    try {
      await next(event, context);
    } catch (error) {
      remember(error, event);
      throw error;
    }
  };
}
