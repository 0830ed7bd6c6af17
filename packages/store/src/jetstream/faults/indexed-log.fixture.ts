import { keyRef } from '../../append/unique-key.ts';
import { keyName } from './attempt.fixture.ts';
import { isLedgerEvent, nameOf, type RawEvent } from './raw-log.fixture.ts';
import type { Settled } from './settle.fixture.ts';

/** The log, and who wrote what. */
export interface IndexedLog {
  /** The events of an append, but not those of its keys. */
  eventsOf(append: number): readonly RawEvent[];
  at(aggregate: RawEvent['aggregate'], revision: number): RawEvent | undefined;
  /** All events of a unique key. */
  ofKey(value: string): readonly RawEvent[];
  writerOf(event: RawEvent): Settled | undefined;
}

export function indexed(settled: readonly Settled[], raw: readonly RawEvent[]): IndexedLog {
  const byAppend = Map.groupBy(raw.filter(isLedgerEvent), ({ data }) => data.append);
  const byAggregate = Map.groupBy(raw, ({ aggregate }) => nameOf(aggregate));
  const byNumber = new Map(settled.map((one) => [one.attempt.plan.number, one]));
  return {
    eventsOf: (append) => byAppend.get(append) ?? [],
    at: (aggregate, revision) => byAggregate.get(nameOf(aggregate))?.[revision - 1],
    ofKey: (value) => byAggregate.get(nameOf(keyRef({ name: keyName, value }))) ?? [],
    writerOf({ position }) {
      // The events of an append's keys stand directly before its own.
      let index = position - 1;
      for (; index < raw.length - 1 && !isLedgerEvent(raw[index] as RawEvent); ) index += 1;
      return byNumber.get(raw[index]?.data.append ?? -1);
    },
  };
}
