import type { Aggregate, CommandDefinitionOf, Decision, DefinitionOf, Items, StateOf } from '@pipit/store';
import type { NewMessageOf } from '@pipit/types-registry';
import type { ZodType } from 'zod';

/** What the functions of a step are given. */
export interface StepContext<Input = unknown, Results = unknown> {
  /** Of the instance. */
  readonly id: string;
  readonly input: Input;
  /** Of the steps before. */
  readonly results: Results;
  /**
   * `<saga>/<id>/<step>`, and `/compensate` behind it for the compensation: the same for every attempt, also by another
   * process. A slash in one of the names is written `%2F`, and `%` as `%25`, so that no two keys are the same. Hand it to
   * whoever can tell a repetition by it.
   */
  readonly key: string;
  /** 1 for the first. Attempts that nobody knows of, because their process died, do not count. */
  readonly attempt: number;
  /** Aborts when the attempt's time is up, and when the process does not wait for it any longer. */
  readonly signal: AbortSignal;
  /**
   * Appends events to an aggregate together with the success of this attempt: both are stored, or neither. Each aggregate
   * once per attempt.
   */
  append<A extends Aggregate>(aggregate: A, id: string, events: Items<DefinitionOf<A>>): void;
  /**
   * Decides on the state of an aggregate once the function has returned, and appends what was decided together with its
   * success. It is decided again when somebody else has been quicker; what it throws fails the attempt.
   */
  execute<A extends Aggregate>(aggregate: A, id: string, decide: DecideIn<A>): void;
}

/** What a compensation is given. */
export interface CompensateContext<Input = unknown, Results = unknown, Result = unknown>
  extends StepContext<Input, Results> {
  /** What the step has returned; `undefined` where it is not known to be done. */
  readonly result: Result | undefined;
  /** Whether the step is known to be done. */
  readonly wasDone: boolean;
}

/** A pure function of the aggregate's state, or one of its commands. */
export type DecideIn<A extends Aggregate> =
  | ((state: StateOf<A>) => Decision<DefinitionOf<A>>)
  | NewMessageOf<CommandDefinitionOf<A>>;

/** How often a step, or its compensation, is tried. */
export interface StepRetry {
  /** In all. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt, doubled for each further one up to a minute. Default: 1,000. */
  readonly backoff?: number;
  /** Whether trying again can help after this error. Default: always. */
  readonly when?: (error: Error) => boolean;
}

interface NamedStep {
  readonly name: string;
  /** Whether it is to be done at all. */
  readonly when: ((context: { readonly input: unknown; readonly results: unknown }) => boolean) | undefined;
}

/** A step that does something. */
export interface ActionStep extends NamedStep {
  readonly kind: 'action';
  /** Missing where it is to be registered. */
  readonly run: ((context: StepContext) => unknown) | undefined;
  readonly compensate: ((context: CompensateContext) => unknown) | undefined;
  /** Whether it has to have one. */
  readonly compensates: boolean;
  readonly result: ZodType | undefined;
  readonly retry: Required<StepRetry>;
  readonly compensateRetry: Required<StepRetry>;
  /** Milliseconds for one attempt. */
  readonly timeout: number;
}

/** A step that waits for an event, a time, or whichever comes first. */
export interface WaitStep extends NamedStep {
  readonly kind: 'wait';
  readonly event: string | undefined;
  /** Milliseconds. */
  readonly within: number | undefined;
  /** Whether the saga goes on where the time is up, and is not undone. */
  readonly goesOn: boolean;
}

export type AnyStep = ActionStep | WaitStep;

/** What may not change of a step while instances are at it. */
export function formOf(step: AnyStep): string {
  if (step.kind === 'action') return step.kind;
  return step.event === undefined ? 'sleep' : `wait for ${step.event}`;
}
