/**
 * What the members of an ordered group say to each other over core NATS, on `pipit.<store>.group.<group's token>` and
 * inboxes. The leader announces itself; a member answers each announcement with what it is and has under way.
 */
export interface Announcement {
  readonly leader: string;
  readonly inbox: string;
  /** Of two leaders the one with the higher term is the newer. */
  readonly term: number;
  /** Counts the announcements of a leader. */
  readonly number: number;
}

export interface Presence {
  readonly id: string;
  readonly instance: string;
  /** Where attempts are sent to; another one after the member lost its leader. */
  readonly inbox: string;
  readonly concurrency: number;
  /** The types of events it has handlers for. */
  readonly types: readonly string[];
  /** The announcement that is answered. */
  readonly number: number;
  /** Numbers of the attempts under way. */
  readonly running: readonly number[];
  readonly leaving: boolean;
}

/** The answer to an attempt: the shortest for the common case, and not nothing, which the server answers for nobody. */
export const handledAnswer = '+';

export function isHandled(answer: Uint8Array): boolean {
  return answer.length === 1 && answer[0] === handledAnswer.charCodeAt(0);
}

/** What else is answered, as JSON. */
export type AttemptAnswer =
  | { readonly state: 'handled' }
  | { readonly state: 'given-back' }
  | { readonly state: 'postponed'; readonly for: number }
  | FailedAnswer;

export interface FailedAnswer {
  readonly state: 'failed';
  readonly final: boolean;
  readonly error: {
    readonly name: string;
    readonly message: string;
    readonly stack?: string;
    readonly code?: string;
  };
}

export function groupSubject(store: string, consumer: string): string {
  return `pipit.${store}.group.${consumer}`;
}
