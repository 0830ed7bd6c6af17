import { JetStreamApiError } from '@nats-io/jetstream';
import { isNoResponders } from './is-no-responders.ts';

/**
 * Whether nobody on the server listens for JetStream's API, or the account may not use it (10039, 10076). The client wraps
 * the server's answer in an error of its own that is not exported.
 */
export function isDisabled(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === 10039 || error.code === 10076;
  if (isNoResponders(error)) return true;
  return error instanceof Error && error.cause !== undefined && isDisabled(error.cause);
}
