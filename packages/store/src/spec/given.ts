import {
  defineRegistry,
  type Message,
  type NewEvent,
  type NewEventOf,
  type NewMessageOf,
  type RecordedEvent,
} from '@pipit/types-registry';
import type { Aggregate, CommandDefinitionOf, Decision, DefinitionOf, StateOf } from '../aggregate.ts';
import { checkTogether, eventsOf } from '../append/check-changes.ts';
import { givenItems } from '../append/given-items.ts';
import { maxBatch } from '../append/max-batch.ts';
import { isKeyChange } from '../append/unique-key.ts';
import type { DecisionContext } from '../event-store.ts';
import { deepFreeze } from '../state/deep-freeze.ts';
import { evolve } from '../state/evolve.ts';
import { isEvent, recordEntries } from './decided.ts';
import { type EventRecorder, eventRecorder } from './event-recorder.ts';
import { fixedClock } from './fixed-clock.ts';
import { ImpossibleEventError } from './impossible-event.ts';
import { sequentialIds } from './sequential-ids.ts';
import { compare } from './specification-error.ts';
import { type Outcome, type When, whenDecided } from './when.ts';

export interface GivenOptions {
  /** The aggregate's id, as `evolve` and the decision see it. Default: `spec`. */
  readonly id?: string;
  /** The times of events that bring none. Default: `fixedClock('2000-01-01T00:00:00Z')`. */
  readonly clock?: () => Date;
  /** The ids of events that bring none: of those that are given, then of those that follow. Default: `sequentialIds()`. */
  readonly newId?: () => string;
}

/** What has happened, in a specification. */
export interface Given<A extends Aggregate = Aggregate> {
  /**
   * Decides once, as `execute` does: by a command for the aggregate's own `decide`, or by a function of the state.
   * What is thrown is kept for the ending, `then` or `thenThrows`; without one, nothing is checked.
   *
   * @throws EvolveFailedError where `evolve` throws on the events that follow: no store takes them then
   */
  when(
    decide:
      | ((state: StateOf<A>, context: DecisionContext) => Decision<DefinitionOf<A>>)
      | NewMessageOf<CommandDefinitionOf<A>>,
  ): When<A>;
  /** The state that `evolve` makes of the events is this, deeply and strictly. @throws SpecificationError */
  thenState(state: StateOf<A>): void;
}

/**
 * Begins a specification of an aggregate with what has happened to it, in the order of revisions. It needs no store and
 * no test runner: one that does not hold throws. Events and commands are validated and encoded, and events read again,
 * as a store would; ids and times are the same in every run.
 *
 * Not modelled is what only a store knows: conflicts, repetitions by id, keys that others hold.
 *
 * @throws ImpossibleEventError for an event that no store takes; InvalidSubjectTokenError for an id that no aggregate
 * can have; EvolveFailedError where `evolve` throws, or changes the state it gets
 */
export function given<A extends Aggregate>(
  aggregate: A,
  events: readonly NewEventOf<DefinitionOf<A>>[],
  options: GivenOptions = {},
): Given<A> {
  return givenEvents(aggregate, events as readonly NewEvent[], options) as unknown as Given<A>;
}

function givenEvents(aggregate: Aggregate, events: readonly NewEvent[], options: GivenOptions): Given {
  const { id = 'spec', clock = fixedClock('2000-01-01T00:00:00Z'), newId = sequentialIds() } = options;
  const record = eventRecorder(aggregate, { id, clock, newId });
  const past = events.map((event, index) => recordPossible(record, 'given', event, index + 1));
  const state = fold(aggregate.initial, past, true);
  const before = `Given ${past.length} ${past.length === 1 ? 'event' : 'events'}, `;

  /** Stores freeze what they keep: what changes a state fails there sooner or later, and here at once. */
  function fold(from: unknown, follow: readonly RecordedEvent[], isStored: boolean): unknown {
    return follow.reduce((before, event) => {
      const state = evolve(aggregate, before, event, isStored);
      deepFreeze(state);
      return state;
    }, from);
  }

  function decideBy(decide: Parameters<Given['when']>[0]): Outcome {
    try {
      const context = { aggregate: { type: aggregate.type, id }, revision: past.length };
      const decision =
        typeof decide === 'function' ? decide(state, context) : decideCommand(aggregate, decide, state);
      const items = givenItems('decision', decision);
      if (items.length > 0) eventsOf(items);
      const entries = recordEntries(items, record);
      const part = { aggregate: context.aggregate, drafts: entries.filter(isEvent) };
      checkTogether([{ part, keys: items.filter(isKeyChange) }], maxBatch);
      return { entries };
    } catch (error) {
      return { error };
    }
  }

  function when(decide: Parameters<Given['when']>[0]): When {
    const outcome = decideBy(decide);
    if ('entries' in outcome) fold(state, outcome.entries.filter(isEvent), false);
    const decider = typeof decide === 'function' ? 'the decision' : decide.type;
    return whenDecided(before + decider, outcome, recordExpected);
  }

  function recordExpected(event: NewEvent, place: number): RecordedEvent {
    // Apart from the others, so that an expectation takes no id and no time of theirs.
    const recordApart = eventRecorder(aggregate, {
      id,
      clock: fixedClock(new Date(0)),
      newId: sequentialIds(),
    });
    return recordPossible(recordApart, 'expected', event, place);
  }

  function thenState(expected: unknown): void {
    compare(state, expected, `${before}the state of ${aggregate.type} is not as expected`, thenState);
  }

  return { when, thenState };
}

function recordPossible(
  record: EventRecorder,
  role: ImpossibleEventError['role'],
  event: NewEvent,
  place: number,
): RecordedEvent {
  try {
    return record(event);
  } catch (cause) {
    throw new ImpossibleEventError(role, place, event.type, cause);
  }
}

function decideCommand(aggregate: Aggregate, { type, data }: Message, state: unknown): Decision {
  const { commands } = defineRegistry({ commands: aggregate.commands });
  return aggregate.decide({ type, data: commands.encode(type, data as never).data } as never, state);
}
