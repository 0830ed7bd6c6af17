import {
  type CommandDefinition,
  type CommandOf,
  type EventDefinition,
  type EventOf,
  encodeToken,
  type NewEventOf,
  type StateDefinition,
} from '@pipit/types-registry';
import type { KeyChange } from './append/unique-key.ts';
import { InvalidArgumentError } from './invalid-argument.ts';
import { initialState } from './state/initial-state.ts';

/** What a decision leads to: one event, several (appended as one), or none; and with them changes of unique keys. */
export type Decision<Definition extends EventDefinition = EventDefinition> =
  | NewEventOf<Definition>
  | readonly (NewEventOf<Definition> | KeyChange)[];

/**
 * How states of an aggregate are kept, so that a load need not begin at its first event. They are taken in the
 * background and used without further help; a snapshot that does not fit is left alone and replaced.
 */
export interface SnapshotPolicy<State = unknown> {
  /** Count it up with every change of `evolve` or of the state's shape: snapshots of other versions are not used. */
  readonly version: number;
  /** Checks what is read, and chooses a codec. Default: JSON, as far as the state comes back from it as it was. */
  readonly state?: StateDefinition<string, State, State>;
  /** A snapshot is taken after so many events; default 100. */
  readonly every?: number;
  /** And when a load took longer, in milliseconds; default 100. */
  readonly slowerThan?: number;
}

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
  /** The state before the first event. Frozen; a copy each time where it holds what cannot be frozen, such as a Map. */
  readonly initial: State;
  readonly snapshot: SnapshotPolicy<State> | undefined;
  evolve(state: State, event: EventOf<Event>): State;
  decide(command: CommandOf<Command>, state: State): Decision<Event>;
}

export type StateOf<A> = A extends Aggregate<string, infer State> ? State : never;
export type DefinitionOf<A> = A extends Aggregate<string, unknown, infer Event> ? Event : never;
export type CommandDefinitionOf<A> =
  A extends Aggregate<string, unknown, EventDefinition, infer Command> ? Command : never;

/**
 * `NoInfer` stands around the function, not only around what it returns: so the compiler puts the state it has inferred
 * from `initial` into it before it looks at the body, and `kind: 'open'` there stays a literal.
 */
type Evolve<State, Event extends EventDefinition> = {
  readonly [Type in Event['type']]: NoInfer<
    (state: State, event: EventOf<Extract<Event, { readonly type: Type }>>) => State
  >;
};

/**
 * What the compiler takes a state for until it has seen `initial`, which is inferred from all of the definition that
 * needs no context: functions without parameters are looked at before. It keeps their literals and tuples as they are.
 */
type AnyLiteral =
  | ''
  | 0
  | 0n
  | true
  | { readonly [field: string]: AnyLiteral }
  | readonly []
  | readonly AnyLiteral[];

type Decide<State, Event extends EventDefinition, Command extends CommandDefinition> = {
  readonly [Type in Command['type']]: (
    command: CommandOf<Extract<Command, { readonly type: Type }>>,
    state: State,
  ) => Decision<Event>;
};

interface AggregateSpec<State, Event extends EventDefinition, Command extends CommandDefinition> {
  /** Every event this type of aggregate has ever had. */
  readonly events: readonly Event[];
  /** Plain data, Map, Set, Date and binary data; an instance of a class only if it is frozen. */
  readonly initial: State;
  /** One function per event: a missing one does not compile. */
  readonly evolve: Evolve<State, Event>;
  /** The commands that `decide` answers. */
  readonly commands?: readonly Command[];
  /** One function per command: it returns the events that follow, or throws to refuse. */
  readonly decide?: Decide<State, Event, Command>;
  /** Default: no snapshots. */
  readonly snapshot?: SnapshotPolicy<NoInfer<State>>;
}

/**
 * Defines an aggregate, with or without commands of its own; the types of state and events follow from it.
 *
 * @param type any non-empty name of at most 128 bytes encoded: `account`
 * @throws InvalidArgumentError where an event has no `evolve` function, or a command no `decide` function; where the
 * initial state can be neither frozen nor copied; InvalidSubjectTokenError for a type that no subject can hold
 */
export function defineAggregate<
  const Type extends string,
  State = AnyLiteral,
  Event extends EventDefinition = EventDefinition,
  Command extends CommandDefinition = never,
>(type: Type, spec: AggregateSpec<State, Event, Command>): Aggregate<Type, State, Event, Command> {
  encodeToken('aggregate type', type);
  const evolve = new Map(Object.entries(spec.evolve as Readonly<Record<string, Aggregate['evolve']>>));
  const decide = new Map(
    Object.entries((spec.decide ?? {}) as Readonly<Record<string, Aggregate['decide']>>),
  );
  for (const definition of spec.events) handlerOf(evolve, type, 'evolve', definition.type);
  for (const definition of spec.commands ?? []) handlerOf(decide, type, 'decide', definition.type);
  checkSnapshot(type, spec.snapshot);
  const initial = initialState(type, spec.initial);
  const aggregate: Aggregate = {
    type,
    events: spec.events,
    commands: spec.commands ?? [],
    get initial() {
      return initial();
    },
    snapshot: spec.snapshot as SnapshotPolicy | undefined,
    evolve: (state, event) => handlerOf(evolve, type, 'evolve', event.type)(state, event),
    decide: (command, state) => handlerOf(decide, type, 'decide', command.type)(command, state),
  };
  return aggregate as unknown as Aggregate<Type, State, Event, Command>;
}

function checkSnapshot(
  type: string,
  snapshot: Pick<SnapshotPolicy, 'version' | 'every' | 'slowerThan'> | undefined,
): void {
  if (snapshot === undefined) return;
  const { version, every = 1, slowerThan = 0 } = snapshot;
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
  if (isCount(version) && isCount(every) && slowerThan >= 0) return;
  throw new InvalidArgumentError(
    `Aggregate ${type}`,
    'has a snapshot policy with a version or every that is no whole number from 1, or a negative slowerThan',
  );
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
