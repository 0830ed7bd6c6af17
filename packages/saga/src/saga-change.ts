import { z } from 'zod';

/**
 * How far a saga has come. `running`: at its steps. `compensating`: undoing what was done. `needs-attention`: a
 * compensation has failed for good, and a person has to say what is to be done. The others are ends.
 */
export const sagaStatuses = [
  'running',
  'completed',
  'compensating',
  'compensated',
  'needs-attention',
  'abandoned',
] as const;

export type SagaStatus = (typeof sagaStatuses)[number];

/** What a step was stopped by, as it is kept. */
export const stepError = z.object({
  name: z.string(),
  message: z.string(),
  /** Of an error of Pipit, or any other that has one. */
  code: z.string().optional(),
});

export type StepError = z.output<typeof stepError>;

const status = z.enum(sagaStatuses);
const step = z.string();
/** 1 for the first. */
const attempt = z.number();
/** ISO 8601, UTC. */
const time = z.string();

/**
 * Why an attempt has failed: `failed`, it threw; `timed-out`, nobody knows whether it did its work; `mismatch`, it did,
 * and what it returned is not what it should be; `deadline`, the event that was waited for has not come.
 */
const reason = z.enum(['failed', 'timed-out', 'mismatch', 'deadline']);

export type FailureReason = z.output<typeof reason>;

/** What can happen to a saga; each says in what status it leaves it. */
export const changeSchemas = {
  started: z.object({
    version: z.number(),
    /** Names of the definition's steps, in order. */
    steps: z.array(step).readonly(),
    /** Of each step: what it is, and the event it waits for. */
    forms: z.array(z.string()).readonly(),
    /** As its schema has made it. */
    input: z.unknown().optional(),
    status,
  }),
  'step-succeeded': z.object({
    step,
    attempt,
    result: z.unknown().optional(),
    /** The id of the event that was waited for. */
    eventId: z.string().optional(),
    status,
  }),
  'step-failed': z.object({
    step,
    attempt,
    reason,
    error: stepError,
    /** It may have done its work: now, in an attempt before, or in one whose process died. */
    inDoubt: z.boolean(),
    /** Missing where it is not tried again. */
    retryAt: time.optional(),
    /** What is undone, in this order, where it is not tried again. */
    rollback: z.array(step).readonly().optional(),
    status,
  }),
  'steps-skipped': z.object({ steps: z.array(step).readonly(), status }),
  waiting: z.object({
    step,
    /** The type of event that is waited for; missing where it is only a time. */
    event: z.string().optional(),
    until: time.optional(),
    status,
  }),
  'event-received': z.object({
    eventId: z.string(),
    event: z.string(),
    data: z.unknown().optional(),
    status,
  }),
  /** The time has come that a timer was set for: the revision of what set it. */
  woken: z.object({ timer: z.number(), status }),
  'step-compensated': z.object({ step, attempt, status }),
  'compensation-failed': z.object({
    step,
    attempt,
    reason,
    error: stepError,
    retryAt: time.optional(),
    status,
  }),
  resumed: z.object({ action: z.enum(['retry', 'skip', 'abandon']), by: z.string().optional(), status }),
} as const;

export type ChangeKind = keyof typeof changeSchemas;

export type ChangeData<Kind extends ChangeKind = ChangeKind> = z.output<(typeof changeSchemas)[Kind]>;

/** A transition of a saga, as its one event. */
export type SagaChange = {
  readonly [Kind in ChangeKind]: { readonly kind: Kind } & ChangeData<Kind>;
}[ChangeKind];

export type ChangeOf<Kind extends ChangeKind> = Extract<SagaChange, { readonly kind: Kind }>;

/** A change that has been stored. */
export interface StoredChange {
  readonly change: SagaChange;
  /** 1 for the first of its saga. */
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What makes a driver look at an instance; the other changes are made by drivers. */
export const triggers = ['started', 'event-received', 'woken', 'resumed'] as const;

export function isTrigger(kind: ChangeKind): boolean {
  return triggers.some((trigger) => trigger === kind);
}
