export interface Notification {
  /** Of what it tells of. */
  readonly id: string;
  /** Id of the user who gets it. */
  readonly to: string;
  readonly postId: string;
  /** Of the comment that it tells of, if any. */
  readonly commentId?: string;
  readonly text: string;
}

/** What takes notifications to people. This one keeps them in memory, and fails when it is told to. */
export interface Outbox {
  readonly failing: boolean;
  /** The last thousand, oldest first. */
  readonly sent: readonly Notification[];
  setFailing(failing: boolean): void;
  /** Once for each id: the same may come again. */
  send(notification: Notification): void;
}

const kept = 1_000;

export function createOutbox(): Outbox {
  const sent = new Map<string, Notification>();
  let failing = false;
  return {
    get failing() {
      return failing;
    },
    get sent() {
      return [...sent.values()];
    },
    setFailing(value) {
      failing = value;
    },
    send(notification) {
      if (failing) throw new Error('Notifications are made to fail.');
      sent.set(notification.id, notification);
      const [oldest] = sent.keys();
      if (sent.size > kept && oldest !== undefined) sent.delete(oldest);
    },
  };
}
