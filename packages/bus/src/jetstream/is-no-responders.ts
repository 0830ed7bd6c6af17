import { errors } from '@nats-io/nats-core';

/** Whether a request failed because nobody listens to its subject; the client wraps that once or twice. */
export function isNoResponders(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true;
  if (error instanceof errors.RequestError && error.isNoResponders()) return true;
  return error instanceof Error && error.cause !== undefined && isNoResponders(error.cause);
}
