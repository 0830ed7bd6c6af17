import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import type { Aggregate, EventStore } from '@pipit/store';
import { type JetStreamStoreOptions, jetStreamStore } from '@pipit/store/jetstream';
import { ConnectionError } from '@pipit/types-registry';

/**
 * One try to open the store, its errors told apart: what is the account's to allow is not called a server that is away.
 *
 * @throws ConnectionError, and as `jetStreamStore`
 */
export async function openStore<A extends Aggregate>(
  options: JetStreamStoreOptions<A>,
): Promise<EventStore<A>> {
  try {
    return await jetStreamStore(options);
  } catch (error) {
    const servers = [options.connection.getServer()];
    const denied = causes(error).find((cause) => cause instanceof errors.PermissionViolationError);
    if (denied instanceof errors.PermissionViolationError) {
      const advice = `Allow this user to ${denied.operation === 'publish' ? 'publish' : 'subscribe'} there: the JetStream API ($JS.API.>), its answers (_INBOX.>) and the store's own subjects (${options.name}.>).`;
      throw new ConnectionError(
        'unauthorized',
        servers,
        `${servers} does not permit ${denied.operation} on ${denied.subject}. ${advice}`,
        error,
      );
    }
    if (isAway(error)) {
      throw new ConnectionError(
        'unreachable',
        servers,
        `JetStream of ${servers} does not answer. Check that it is up and, in a cluster, that it has a leader.`,
        error,
      );
    }
    throw error;
  }
}

function causes(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}

/** JetStream answers 503 while it has no leader, and not at all while it starts. */
function isAway(error: unknown): boolean {
  return (
    error instanceof errors.TimeoutError ||
    error instanceof errors.RequestError ||
    (error instanceof JetStreamApiError &&
      error.status === 503 &&
      error.code !== 10039 &&
      error.code !== 10076)
  );
}
