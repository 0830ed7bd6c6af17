import { JetStreamApiError } from '@nats-io/jetstream';
import { errors, type NatsConnection, PermissionViolationError } from '@nats-io/nats-core';
import { ConnectionError } from '@pipit/types-registry';

/**
 * Does something with the server and tells its failures apart: what is the account's to allow is not called a server
 * that is away.
 *
 * @param store whose name the subjects begin with that an account has to permit
 * @throws ConnectionError; else what `work` throws
 */
export async function explained<Result>(
  connection: NatsConnection,
  store: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const servers = [connection.getServer()];
    const denied = deniedBy(error);
    if (denied !== undefined) {
      const advice = `Allow this user to ${denied.operation === 'publish' ? 'publish' : 'subscribe'} there: the JetStream API ($JS.API.>), its answers (_INBOX.>), the store's own subjects (${store}.>), and those of the streams beside it (${store}_dead.>, ${store}_operations.>).`;
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

/** The server's refusal of a subject, where that is why something failed: the client wraps it. */
export function deniedBy(error: unknown): PermissionViolationError | undefined {
  return causes(error).find((cause) => cause instanceof PermissionViolationError);
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
