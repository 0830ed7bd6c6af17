import type { EventDefinition, EventOf } from '@pipit/types-registry';
import type { ZodType, z } from 'zod';
import { type SagaAggregate, sagaAggregate } from './saga-aggregate.ts';
import { InvalidSagaError } from './saga-errors.ts';
import { type SagaSteps, type StepList, stepBuilder } from './saga-steps.ts';
import type { AnyStep } from './step.ts';

/** A process over several aggregates: steps in order, and how to undo them. */
export interface Saga<Name extends string = string, Input = unknown, Results = unknown> {
  readonly name: Name;
  /** Goes up when steps are added, removed, renamed or reordered. */
  readonly version: number;
  readonly input: ZodType<unknown, Input>;
  readonly steps: readonly AnyStep[];
  /** Events that start it or that its steps wait for. */
  readonly events: readonly EventDefinition[];
  /** Where its instances are kept, one aggregate each: the store and the bus have to know it. */
  readonly aggregate: SagaAggregate;
  /** Whether there are events that start instances. */
  readonly isStartedByEvents: boolean;
  startOf(event: EventOf<EventDefinition>): { readonly id: string; readonly input: unknown } | undefined;
  /** The instances an event belongs to. */
  correlate(event: EventOf<EventDefinition>): readonly string[];
  /** Only for the compiler. */
  readonly results?: Results;
}

export type ResultsOf<S> = S extends Saga<string, infer _Input, infer Results> ? Results : never;
export type InputOf<S> = S extends Saga<string, infer Input> ? Input : never;

type OfType<Events, Type> = EventOf<Extract<Events, { readonly type: Type }>>;

interface SagaSpec<Name extends string, Input extends ZodType, Events extends EventDefinition, Results> {
  /** Any text that takes at most 103 bytes as a subject token. Each service has sagas of its own names. */
  readonly name: Name;
  /**
   * A whole number from 1, the default. Instances go on with the version they began with: keep it registered, under the
   * same name, for as long as there are any.
   */
  readonly version?: number;
  /** What an instance is started with. It is kept as this makes it, which has to be something JSON can carry. */
  readonly input: Input;
  /** Events that start instances or that steps wait for. */
  readonly events?: readonly Events[];
  /**
   * What an event starts: the id of the instance and its input, or nothing. The same event must always start the same:
   * where the instance is there, it is not started again.
   */
  readonly startOn?: {
    readonly [Type in Events['type']]?: (
      event: OfType<Events, Type>,
    ) => { readonly id: string; readonly input: z.input<Input> } | undefined;
  };
  /**
   * The ids of the instances that an event belongs to. An instance keeps it until a step waits for it; an event of an
   * instance that is not there, or has ended, is passed over.
   */
  readonly correlate?: {
    readonly [Type in Events['type']]?: (
      event: OfType<Events, Type>,
    ) => string | readonly string[] | undefined;
  };
  readonly steps: (saga: SagaSteps<z.output<Input>, Record<never, never>, Events>) => StepList<Results>;
}

/**
 * Defines a saga; the types of steps follow from `input`, `events` and the steps before them.
 *
 * @throws InvalidSagaError for a saga without a name or steps, two steps of one name, functions for events that are not in
 * `events`, a step that waits for an event that nobody correlates; InvalidSubjectTokenError for its name
 */
export function defineSaga<
  const Name extends string,
  Input extends ZodType,
  Results,
  Events extends EventDefinition = never,
>(spec: SagaSpec<Name, Input, Events, Results>): Saga<Name, z.input<Input>, Results> {
  const { name, version = 1, input, events = [] } = spec;
  const refuse = (reason: string) => new InvalidSagaError(name, reason);
  if (name === '') throw refuse('needs a name');
  if (!Number.isSafeInteger(version) || version < 1)
    throw refuse(`has version ${version}, which is no whole number from 1`);

  const { steps } = spec.steps(stepBuilder(name) as never);
  if (steps.length === 0) throw refuse('has no steps');
  const names = steps.map((step) => step.name);
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice !== undefined) throw refuse(`has two steps with the name ${JSON.stringify(twice)}`);

  const startOn = functionsOf(spec.startOn);
  const correlate = functionsOf(spec.correlate);
  const types = new Set(events.map(({ type }) => type as string));
  const strangers = [...startOn.keys(), ...correlate.keys()].filter((type) => !types.has(type));
  if (strangers.length > 0) throw refuse(`has functions for events that are not in its events: ${strangers}`);
  for (const step of steps) {
    if (step.kind === 'wait' && step.event !== undefined && !correlate.has(step.event))
      throw refuse(`waits for ${step.event} in step ${step.name}, which \`correlate\` has no function for`);
  }

  return {
    name,
    version,
    input: input as ZodType<unknown, z.input<Input>>,
    steps,
    events: events.filter(({ type }) => startOn.has(type) || correlate.has(type)),
    aggregate: sagaAggregate(name),
    isStartedByEvents: startOn.size > 0,
    startOf: (event) => startOn.get(event.type)?.(event) as ReturnType<Saga['startOf']>,
    correlate(event) {
      const ids = correlate.get(event.type)?.(event) as string | readonly string[] | undefined;
      if (ids === undefined) return [];
      return typeof ids === 'string' ? [ids] : [...new Set(ids)];
    },
  };
}

type Reaction = (event: EventOf<EventDefinition>) => unknown;

function functionsOf(reactions: object | undefined): ReadonlyMap<string, Reaction> {
  const given = Object.entries((reactions ?? {}) as Readonly<Record<string, Reaction | undefined>>);
  return new Map(given.filter((entry): entry is [string, Reaction] => entry[1] !== undefined));
}
