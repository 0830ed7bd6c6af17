import { inspect } from 'node:util';
import type { NewEvent, RecordedEvent } from '@pipit/types-registry';
import type { Aggregate } from '../aggregate.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { comparable, type Decided, type Entry, type NewEntry, recordEntries, summaryOf } from './decided.ts';
import { type ErrorClass, type ErrorFields, type ErrorMessage, errorExpectations } from './expected-error.ts';
import { compare, SpecificationError } from './specification-error.ts';

/** What was decided, in a specification, and waits for its ending. Not a promise: there is nothing to await. */
export interface When<A extends Aggregate = Aggregate> {
  /**
   * Exactly this follows, in this order; nothing, for an empty list. Of events, type and payload are compared as readers
   * get them, and whatever else an expected one names: `metadata`, `id`, `time` …
   *
   * @throws SpecificationError with the differences, or with the error the decision failed with as its cause;
   * ImpossibleEventError for an expected event that no store takes
   */
  then(expected: readonly Decided<A>[]): void;
  /**
   * The decision fails with an error of this class, whose message holds a text or matches a pattern. What the schemas of
   * the command and of the events refuse counts as well, as it does for the caller of `execute`.
   *
   * @throws SpecificationError, with the error that was thrown instead as its cause
   */
  thenThrows(error: ErrorClass, message?: ErrorMessage): void;
  /** The same of an error of any class: by its message, or by some of its fields, which are compared deeply. */
  thenThrows(error: ErrorMessage | ErrorFields): void;
}

export type Outcome = { readonly entries: readonly Entry[] } | { readonly error: unknown };

/**
 * @param subject the beginning of each failure's message: what was given, and what decided
 * @param record reads an expected event as a store would
 */
export function whenDecided(
  subject: string,
  outcome: Outcome,
  record: (event: NewEvent, place: number) => RecordedEvent,
): When {
  function then(expected: readonly NewEntry[]): void {
    if (!Array.isArray(expected))
      throw new InvalidArgumentError('then', 'takes a list, empty where nothing follows; do not await it');
    const wanted = recordEntries(expected, record);
    if ('error' in outcome) {
      const message = `${subject} was to lead to ${summaryOf(wanted)}, but failed with ${nameOf(outcome.error)}`;
      throw new SpecificationError(message, then, outcome.error);
    }
    compare(
      outcome.entries.map((entry, index) => comparable(entry, expected[index])),
      wanted.map((entry, index) => comparable(entry, expected[index])),
      `${subject} was to lead to ${summaryOf(wanted)}, but led to something else`,
      then,
    );
  }

  function thenThrows(error: ErrorClass | ErrorMessage | ErrorFields, message?: ErrorMessage): void {
    const expectations = errorExpectations(error, message);
    const wanted = `${subject} was to fail with ${expectations.map(({ text }) => text).join(' and ')}`;
    if ('entries' in outcome)
      throw new SpecificationError(`${wanted}, but led to ${summaryOf(outcome.entries)}`, thenThrows);
    if (!expectations.every(({ isMet }) => isMet(outcome.error)))
      throw new SpecificationError(
        `${wanted}, but failed with ${nameOf(outcome.error)}`,
        thenThrows,
        outcome.error,
      );
  }

  return { then, thenThrows } as When;
}

/** By its class: many errors keep the `name` of what they extend. */
function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : inspect(error);
}
