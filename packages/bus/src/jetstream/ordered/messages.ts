import type { ErrorText } from '../../delivery/attempt-error.ts';

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
  /** Nobody is pinned: it leads to go on with dead letters, of which the server's count of deliveries says nothing. */
  readonly unpinned?: boolean;
  /** It leads no more, and has nothing under way. */
  readonly ended?: boolean;
}

export interface Presence {
  readonly id: string;
  readonly instance: string;
  /** Where attempts are sent to; another one after the member lost its leader. */
  readonly inbox: string;
  readonly concurrency: number;
  /** The types of events it has handlers for. */
  readonly types: readonly string[];
  /** Tokens of the types of aggregates that it asked for. */
  readonly asked: readonly string[];
  /** The announcement that is answered. */
  readonly number: number;
  /** Numbers of the attempts under way. */
  readonly running: readonly number[];
  readonly leaving: boolean;
}

/** The answer to an attempt: the shortest for the common case, and not nothing, which the server answers for nobody. */
export const handledAnswer = '+';

function isHandled(answer: Uint8Array): boolean {
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
  readonly error: ErrorText;
}

export function groupSubject(store: string, consumer: string): string {
  return `pipit.${store}.group.${consumer}`;
}

/** What is on these subjects and is none of these messages: some other program wrote it, or a release that is unknown here. */
export function readAnnouncement(data: Uint8Array): Announcement | undefined {
  const { leader, inbox, term, number, unpinned, ended } = fieldsOf(data);
  if (!isText(leader) || !isText(inbox) || !isNumber(term) || !isNumber(number)) return undefined;
  return { leader, inbox, term, number, unpinned: unpinned === true, ended: ended === true };
}

export function readPresence(data: Uint8Array): Presence | undefined {
  const { id, instance, inbox, concurrency, types, asked, number, running, leaving } = fieldsOf(data);
  if (!isText(id) || !isText(instance) || !isText(inbox) || !isNumber(number)) return undefined;
  if (!isNumber(concurrency) || concurrency < 1 || typeof leaving !== 'boolean') return undefined;
  if (!Array.isArray(types) || !types.every(isText)) return undefined;
  if (!Array.isArray(asked) || !asked.every(isText)) return undefined;
  if (!Array.isArray(running) || !running.every(isNumber)) return undefined;
  return { id, instance, inbox, concurrency, types, asked, number, running, leaving };
}

export function readAnswer(data: Uint8Array): AttemptAnswer | undefined {
  if (isHandled(data)) return { state: 'handled' };
  const { state, for: pause, final, error } = fieldsOf(data);
  if (state === 'handled' || state === 'given-back') return { state };
  if (state === 'postponed' && isNumber(pause)) return { state, for: pause };
  if (state !== 'failed' || typeof final !== 'boolean') return undefined;
  const { name, message, stack, code } = Object(error) as Record<string, unknown>;
  if (typeof name !== 'string' || typeof message !== 'string') return undefined;
  const rest = { ...(isText(stack) && { stack }), ...(isText(code) && { code }) };
  return { state, final, error: { name, message, ...rest } };
}

function fieldsOf(data: Uint8Array): Record<string, unknown> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(data))) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
