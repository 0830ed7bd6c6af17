import { errors, type NatsConnection, type QueuedIterator, type Status } from '@nats-io/nats-core';

export interface LinkEvents {
  lost(): void;
  restored(): void;
  /** The connection may not publish to a subject. */
  forbidden(subject: string, error: Error): void;
  /** For good. */
  closed(cause: Error | undefined): void;
}

/** Whether the connection is up. What is published while it is not, the client drops at the reconnect. */
export interface Link {
  readonly up: boolean;
  /** Resolves when it is up, at once where it is, and when it is closed. */
  restored(): Promise<void>;
  close(): void;
}

/** It must be up when this is called, as it is when `connect` resolves. */
export function watchLink(connection: NatsConnection, events: LinkEvents): Link {
  let up = !connection.isClosed();
  let back = Promise.withResolvers<void>();
  const statuses = connection.status() as QueuedIterator<Status>;

  const watch = async () => {
    for await (const status of statuses) {
      if (status.type === 'disconnect') {
        if (up) back = Promise.withResolvers();
        up = false;
        events.lost();
      } else if (status.type === 'reconnect') {
        up = true;
        back.resolve();
        events.restored();
      } else if (status.type === 'error') {
        const { error } = status;
        if (!(error instanceof errors.PermissionViolationError) || error.operation !== 'publish') continue;
        events.forbidden(error.subject, error);
      }
    }
  };
  // The client's status never fails; it ends when the connection is closed.
  void watch();
  void connection.closed().then((cause) => {
    up = false;
    back.resolve();
    events.closed(cause ?? undefined);
  });

  return {
    get up() {
      return up;
    },
    restored: () => (up || connection.isClosed() ? Promise.resolve() : back.promise),
    close: () => statuses.stop(),
  };
}
