import type { Logger } from '@pipit/types-registry';
import type { Alerts } from '../alerts.ts';
import type { CheckedOptions } from '../check-subscribe-options.ts';
import type { OperationRecorder } from '../operations.ts';
import type { EventSource } from './event-source.ts';
import type { JetStreamLetters } from './letters/jetstream-letters.ts';
import type { OpenStore } from './open-store.ts';

/** What a member of a group works with. */
export interface GroupContext {
  readonly store: OpenStore;
  readonly source: EventSource;
  readonly letters: JetStreamLetters;
  readonly options: CheckedOptions;
  /** The group's token: the name of its consumers. */
  readonly consumer: string;
  /** Tokens of the aggregate types that this member of the group asked for. */
  readonly asked: ReadonlySet<string>;
  /** Whether any member has asked for aggregates of this type; of others the group gets events only by the way. */
  asksFor(type: string): boolean;
  /** Milliseconds without a sign of life after which what a member has in hand goes to another. */
  readonly lease: number;
  /** Names this bus in what is kept of failures. */
  readonly instance: string;
  readonly logger: Logger;
  readonly alerts: Alerts | undefined;
  /** Where operations are told of what happens to events. */
  readonly recorder: OperationRecorder | undefined;
  /** The group's consumer is gone. */
  onLost(cause: unknown): void;
  /** The server does not let this connection receive. */
  onRefused(cause: unknown): void;
}

/** Gets a group's events and has them handled. */
export interface GroupMember {
  /** The connection is back. */
  reconnected(): void;
  /** How many handlers are under way. */
  readonly running: number;
  /** Takes nothing more and gives back what has not begun. Resolves when nothing is under way any more. */
  stop(): Promise<void>;
  /** Waits no longer for handlers under way: `stop` resolves soon after. */
  giveUp(reason: Error): void;
}
