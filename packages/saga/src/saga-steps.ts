import type { DataOf, EventDefinition } from '@pipit/types-registry';
import type { ZodType } from 'zod';
import { InvalidSagaError } from './saga-errors.ts';
import type { ActionStep, AnyStep, CompensateContext, StepContext, StepRetry } from './step.ts';

/** The steps of a saga; `Results` are what they lead to, by name. */
export interface StepList<Results> {
  readonly steps: readonly AnyStep[];
  /** Only for the compiler. */
  readonly results?: Results;
}

type Condition<Input, Results> = (context: { readonly input: Input; readonly results: Results }) => boolean;

interface StepOptions<Input, Results, Result> {
  /**
   * Does the step's work, at least once; its result is kept as JSON. It may be called again after it has returned, where
   * the process died before that was stored: whatever it does outside has to be repeatable, by the `key`.
   */
  readonly run: (context: StepContext<Input, Results>) => Result | Promise<Result>;
  /**
   * Undoes the work, at least once, when a later step has failed for good; and when the step itself has, but may have done
   * its work outside: an attempt was not over in time, returned what does not fit or cannot be appended, or its process
   * died. Then `wasDone` is false and `result` is `undefined`; what is appended here is left out then, since what the step
   * appends was not stored either.
   */
  readonly compensate?: (context: CompensateContext<Input, Results, NoInfer<Result>>) => unknown;
  /** What `run` has to return. Default: anything JSON can carry. */
  readonly result?: ZodType<Result>;
  /** Default: 3 attempts. */
  readonly retry?: StepRetry;
  /** Of `compensate`. Default: 5 attempts; then the saga needs attention. */
  readonly compensateRetry?: StepRetry;
  /** Milliseconds that one attempt of either may take, up to 24 days. Default: 30,000. */
  readonly timeout?: number;
}

interface DeclaredStep<Result>
  extends Omit<StepOptions<never, never, Result>, 'run' | 'compensate' | 'result'> {
  /** What the function that is registered for it has to return. */
  readonly result: ZodType<Result>;
  /** Whether it can be undone: then a `compensate` has to be registered too. Default: it cannot. */
  readonly compensates?: boolean;
  readonly run?: never;
}

interface Conditional<Input, Results> {
  /** A pure function: where it says no, the step is passed over, and its result is `undefined`. */
  readonly when: Condition<Input, Results>;
}

interface WaitOptions {
  /** Milliseconds, up to ten years. Default: for as long as it takes. */
  readonly within?: number;
  /** Where the time is up: the saga is undone (`fail`, the default), or goes on, with `undefined` as the result. */
  readonly late?: 'fail' | 'go-on';
}

type Fresh<Name, Results> = Name extends keyof Results ? never : Name;
type DataIn<Events extends EventDefinition, Type> = DataOf<Extract<Events, { readonly type: Type }>>;
type With<Results, Name extends string, Result> = Results & { readonly [N in Name]: Result };

/** Adds the steps of a saga, in the order they are done in. Names are unique. */
export interface SagaSteps<Input, Results, Events extends EventDefinition> extends StepList<Results> {
  /** A step that may be passed over. */
  step<const Name extends string, Result>(
    name: Fresh<Name, Results>,
    options: StepOptions<Input, Results, Result> & Conditional<Input, Results>,
  ): SagaSteps<Input, With<Results, Name, Result | undefined>, Events>;
  /** A step that does something. */
  step<const Name extends string, Result>(
    name: Fresh<Name, Results>,
    options: StepOptions<Input, Results, Result>,
  ): SagaSteps<Input, With<Results, Name, Result>, Events>;
  /** A step whose functions each service registers, with `registerSteps`. */
  step<const Name extends string, Result>(
    name: Fresh<Name, Results>,
    options: DeclaredStep<Result>,
  ): SagaSteps<Input, With<Results, Name, Result>, Events>;
  /** A wait that may be passed over. */
  waitFor<const Name extends string, const Type extends Events['type']>(
    name: Fresh<Name, Results>,
    event: Type,
    options: WaitOptions & Conditional<Input, Results>,
  ): SagaSteps<Input, With<Results, Name, DataIn<Events, Type> | undefined>, Events>;
  /** Waits until an event has come that belongs to the instance, also one that came before; its data is the result. */
  waitFor<const Name extends string, const Type extends Events['type']>(
    name: Fresh<Name, Results>,
    event: Type,
    options?: WaitOptions & { readonly late?: 'fail'; readonly when?: never },
  ): SagaSteps<Input, With<Results, Name, DataIn<Events, Type>>, Events>;
  /** A wait that may end without an event. */
  waitFor<const Name extends string, const Type extends Events['type']>(
    name: Fresh<Name, Results>,
    event: Type,
    options: WaitOptions & Partial<Conditional<Input, Results>>,
  ): SagaSteps<Input, With<Results, Name, DataIn<Events, Type> | undefined>, Events>;
  /** Waits for a time. @param milliseconds up to ten years */
  sleep<const Name extends string>(
    name: Fresh<Name, Results>,
    milliseconds: number,
    options?: Conditional<Input, Results>,
  ): SagaSteps<Input, With<Results, Name, undefined>, Events>;
}

/** What a builder of any saga takes. */
type AnyOptions = Partial<Omit<ActionStep, 'kind' | 'name' | 'retry' | 'compensateRetry'>> & {
  readonly retry?: StepRetry;
  readonly compensateRetry?: StepRetry;
};

interface AnyBuilder {
  readonly steps: readonly AnyStep[];
  step(name: string, options: AnyOptions): AnyBuilder;
  waitFor(name: string, event: string, options?: WaitOptions & Pick<AnyOptions, 'when'>): AnyBuilder;
  sleep(name: string, milliseconds: number, options?: Pick<AnyOptions, 'when'>): AnyBuilder;
}

const longestTimeout = 2 ** 31 - 1;
const longestWait = 10 * 366 * 24 * 3_600_000;

/** @throws InvalidSagaError, from its methods, for a number that makes no sense */
export function stepBuilder(saga: string, steps: readonly AnyStep[] = []): AnyBuilder {
  function check(step: string, option: string, value: number, least: number, most: number): void {
    if (value >= least && value <= most) return;
    const reason = `has a step ${step} with ${option} ${value}, which is no number from ${least} to ${most}`;
    throw new InvalidSagaError(saga, reason);
  }

  function retryOf(step: string, retry: StepRetry | undefined, most: number): Required<StepRetry> {
    const { attempts = most, backoff = 1_000, when = () => true } = retry ?? {};
    check(step, 'attempts', attempts, 1, Number.MAX_SAFE_INTEGER);
    check(step, 'backoff', backoff, 0, longestTimeout);
    return { attempts, backoff, when };
  }

  const add = (step: AnyStep) => stepBuilder(saga, [...steps, step]);

  return {
    steps,
    step(name, { run, compensate, compensates, result, retry, compensateRetry, timeout = 30_000, when }) {
      check(name, 'timeout', timeout, 1, longestTimeout);
      return add({
        kind: 'action',
        name,
        when,
        run,
        compensate,
        compensates: compensates ?? compensate !== undefined,
        result,
        timeout,
        retry: retryOf(name, retry, 3),
        compensateRetry: retryOf(name, compensateRetry, 5),
      });
    },
    waitFor(name, event, { within, late = 'fail', when } = {}) {
      if (within !== undefined) check(name, 'within', within, 0, longestWait);
      return add({ kind: 'wait', name, when, event, within, goesOn: late === 'go-on' });
    },
    sleep(name, milliseconds, { when } = {}) {
      check(name, 'milliseconds', milliseconds, 0, longestWait);
      return add({ kind: 'wait', name, when, event: undefined, within: milliseconds, goesOn: true });
    },
  };
}
