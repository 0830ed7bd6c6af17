import type {
  CommandDefinition,
  CommandOf,
  EventDefinition,
  EventOf,
  NewEventOf,
} from '@pipit/types-registry';
import { InvalidArgumentError } from './invalid-argument.ts';

/** What a decision leads to: one event, several (appended as one), or none. */
export type Decision<Definition extends EventDefinition = EventDefinition> =
  | NewEventOf<Definition>
  | readonly NewEventOf<Definition>[];

/**
 * A type of aggregate: its events, and the pure functions that make a state of them. `evolve` must not fail: an event
 * has happened, whatever the code of today thinks of it. `decide` may throw to refuse a command.
 */
export interface Aggregate<
  Type extends string = string,
  State = unknown,
  Event extends EventDefinition = EventDefinition,
  Command extends CommandDefinition = CommandDefinition,
> {
  readonly type: Type;
  readonly events: readonly Event[];
  readonly commands: readonly Command[];
  /** The state before the first event. */
  readonly initial: State;
  evolve(state: State, event: EventOf<Event>): State;
  decide(command: CommandOf<Command>, state: State): Decision<Event>;
}

export type StateOf<A> = A extends Aggregate<string, infer State> ? State : never;
export type DefinitionOf<A> = A extends Aggregate<string, unknown, infer Event> ? Event : never;
export type CommandDefinitionOf<A> =
  A extends Aggregate<string, unknown, EventDefinition, infer Command> ? Command : never;

type Evolve<State, Event extends EventDefinition> = {
  readonly [Type in Event['type']]: (
    state: State,
    event: EventOf<Extract<Event, { readonly type: Type }>>,
  ) => NoInfer<State>;
};

type Decide<State, Event extends EventDefinition, Command extends CommandDefinition> = {
  readonly [Type in Command['type']]: (
    command: CommandOf<Extract<Command, { readonly type: Type }>>,
    state: State,
  ) => Decision<Event>;
};

interface AggregateSpec<State, Event extends EventDefinition, Command extends CommandDefinition> {
  /** Every event this type of aggregate has ever had. */
  readonly events: readonly Event[];
  readonly initial: State;
  /** One function per event: a missing one does not compile. */
  readonly evolve: Evolve<State, Event>;
  /** The commands that `decide` answers. */
  readonly commands?: readonly Command[];
  /** One function per command: it returns the events that follow, or throws to refuse. */
  readonly decide?: Decide<State, Event, Command>;
}

/**
 * Defines an aggregate, with or without commands of its own; the types of state and events follow from it.
 *
 * @throws InvalidArgumentError where an event has no `evolve` function, or a command no `decide` function
 */
export function defineAggregate<
  const Type extends string,
  State,
  Event extends EventDefinition,
  Command extends CommandDefinition = never,
>(type: Type, spec: AggregateSpec<State, Event, Command>): Aggregate<Type, State, Event, Command> {
  const evolve = new Map(Object.entries(spec.evolve as Readonly<Record<string, Aggregate['evolve']>>));
  const decide = new Map(
    Object.entries((spec.decide ?? {}) as Readonly<Record<string, Aggregate['decide']>>),
  );
  for (const definition of spec.events) handlerOf(evolve, type, 'evolve', definition.type);
  for (const definition of spec.commands ?? []) handlerOf(decide, type, 'decide', definition.type);
  const aggregate: Aggregate = {
    type,
    events: spec.events,
    commands: spec.commands ?? [],
    initial: spec.initial,
    evolve: (state, event) => handlerOf(evolve, type, 'evolve', event.type)(state, event),
    decide: (command, state) => handlerOf(decide, type, 'decide', command.type)(command, state),
  };
  return aggregate as unknown as Aggregate<Type, State, Event, Command>;
}

function handlerOf<Handler>(
  handlers: ReadonlyMap<string, Handler>,
  aggregate: string,
  kind: 'evolve' | 'decide',
  type: string,
): Handler {
  const handler = handlers.get(type);
  if (handler === undefined) {
    throw new InvalidArgumentError(`Aggregate ${aggregate}`, `has no ${kind} function for ${type}`);
  }
  return handler;
}
