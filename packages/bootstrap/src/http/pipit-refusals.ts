import type { FieldError, Refusal } from './problem.ts';

/** What is known of the request beside its error. */
export interface Situation {
  /** Whether it asks for a change. */
  readonly isWrite: boolean;
  /** The operation that it is on record as. */
  readonly operation?: string | undefined;
}

type Facts = Readonly<Record<string, unknown>>;
type Told = Omit<Refusal, 'code'>;
type Meaning = (facts: Facts, situation: Situation) => Told | undefined;

export const away = 'NATS, the database or a view is not there at the moment. Try again soon.';

const is =
  (status: number, detail: string): Meaning =>
  () => ({ status, detail });

const passes = is(503, away);
const notDone = is(503, 'It could not be begun at the moment, and was not done. Try again soon.');
const stopping = is(503, 'This process stops. Try again soon.');
const nothing = is(404, 'There is nothing with this id.');

/** Where nobody knows whether it happened, sending it again could make it happen twice. */
export function inDoubt({ operation }: Situation): Told {
  const where = operation === undefined ? 'Look' : `Look at what operation ${operation} did`;
  return {
    status: 503,
    detail: `It may have been done, or not: that could not be found out in time. ${where} before you send it again.`,
  };
}

const doubtful: Meaning = (_, situation) => inDoubt(situation);

/** What the errors of Pipit that a request can meet mean to its sender, by their codes. The others are nobody's fault but ours. */
export const meanings: Readonly<Record<string, Meaning>> = {
  CONFLICT: is(409, 'Others are changing the same thing right now. Read it again, then decide again.'),
  KEY_TAKEN: ({ key }) => ({
    status: 409,
    detail: `This ${typeof key === 'string' ? key : 'key'} is taken. Choose another.`,
  }),
  DUPLICATE_EVENT_ID: is(409, 'Something with the same id has been written before.'),
  SAGA_EXISTS: is(409, 'This has been started before, with something else.'),
  NO_ATTENTION_NEEDED: is(409, 'This saga does not need attention.'),
  DEAD_LETTER_PARKED: is(409, 'This dead letter cannot be handled again: nobody could read it.'),
  DEAD_LETTER_NOT_FOUND: is(404, 'There is no dead letter with this id, or none any more.'),
  SAGA_NOT_FOUND: is(404, 'There is no saga with this id.'),
  // Too long, or empty: nothing can have such an id.
  INVALID_SUBJECT_TOKEN: nothing,
  INVALID_KEY: nothing,
  INVALID_PAYLOAD: ({ kind, phase, issues }) =>
    (kind === 'command' || kind === 'query') && phase === 'write'
      ? { status: 400, detail: 'The request does not fit; see errors.', errors: fieldsOf(issues) }
      : undefined,
  // All that a caller hands on as it is: where a page begins.
  INVALID_QUERY: ({ part }) =>
    part === 'after'
      ? {
          status: 400,
          detail: 'The request does not fit; see errors.',
          errors: [{ field: 'after', message: 'is not where a page of this list begins' }],
        }
      : undefined,
  INVALID_SAGA_INPUT: is(400, 'It cannot be started with this.'),
  PAYLOAD_TOO_LARGE: is(413, 'It is larger than can be stored or sent. Nothing was done.'),
  APPEND_IN_DOUBT: doubtful,
  OUTCOME_UNKNOWN: doubtful,
  PUBLISH_IN_DOUBT: doubtful,
  SCHEDULE_IN_DOUBT: doubtful,
  TIMEOUT: (_, situation) => (situation.isWrite ? inDoubt(situation) : { status: 503, detail: away }),
  APPEND_REJECTED: is(503, 'The store takes nothing at the moment. Nothing was written.'),
  OPERATION_NOT_RECORDED: notDone,
  NO_HANDLER: notDone,
  NOT_HANDLED: notDone,
  REPOSITORY: ({ passing }) => (passing === true ? { status: 503, detail: away } : undefined),
  OPERATIONS_CLOSED: stopping,
  STORE_CLOSED: stopping,
  STOPPED: stopping,
  SAGAS_STOPPED: stopping,
  PROJECTION_STOPPED: stopping,
  PROJECTION_BEHIND: is(503, 'What is new is not shown yet. Try again soon.'),
  CONNECTION: passes,
  READ_FAILED: passes,
  OPERATIONS_READ: passes,
  PROJECTION_FAILED: passes,
  SAGA_BEHIND: passes,
  SAGA_MOVED: passes,
};

function fieldsOf(issues: unknown): readonly FieldError[] {
  const found = Array.isArray(issues) ? (issues as { path?: unknown[]; message?: unknown }[]) : [];
  return found.map(({ path = [], message }) => ({
    field: path.length === 0 ? '(body)' : path.join('.'),
    message: String(message),
  }));
}
