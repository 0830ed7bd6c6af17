import type { Aggregate } from '@pipit/store';
import { defineEvent, type EventDefinition, encodeToken, type RecordedEvent } from '@pipit/types-registry';
import { type ChangeKind, changeSchemas, type SagaChange, type StoredChange } from './saga-change.ts';
import { evolveSaga, noSaga, type SagaState } from './saga-state.ts';

/** The instances of a saga in an event store: aggregates of type `saga-<name>`. */
export interface SagaAggregate extends Aggregate<string, SagaState> {
  /** The type of the event of a change, which no other saga has. */
  typeOf(kind: ChangeKind): string;
  eventOf(change: SagaChange): { readonly type: string; readonly data: unknown };
  changeOf(event: RecordedEvent): StoredChange;
}

const made = new Map<string, SagaAggregate>();

/** One for all versions of a saga, so that a store can hold them. @throws InvalidSubjectTokenError */
export function sagaAggregate(name: string): SagaAggregate {
  const aggregate = made.get(name) ?? makeAggregate(name);
  made.set(name, aggregate);
  return aggregate;
}

function makeAggregate(name: string): SagaAggregate {
  const type = `saga-${name}`;
  // The longest name that is made of it.
  encodeToken('saga name', `${type}-compensation-failed`);
  const typeOf = (kind: ChangeKind) => `${type}-${kind}`;
  const kinds = Object.keys(changeSchemas) as ChangeKind[];
  const kindOf = new Map(kinds.map((kind) => [typeOf(kind), kind]));
  const events: readonly EventDefinition[] = kinds.map((kind) =>
    defineEvent(typeOf(kind), changeSchemas[kind]),
  );

  function changeOf({ type, data, revision, time }: RecordedEvent): StoredChange {
    const change = { kind: kindOf.get(type), ...(data as object) } as SagaChange;
    return { change, revision, at: time.getTime() };
  }

  return {
    type,
    events,
    commands: [],
    initial: noSaga,
    snapshot: undefined,
    evolve: (state, event) => evolveSaga(state, changeOf(event)),
    decide() {
      throw new TypeError('a saga has no commands');
    },
    typeOf,
    eventOf({ kind, ...data }) {
      return { type: typeOf(kind), data };
    },
    changeOf,
  };
}
