import type { RecordedEvent } from '@pipit/types-registry';

/** Makes rows of events: pure functions, so that a view can be built again from the beginning and come out the same. */
export interface Projector<Row, Event extends RecordedEvent = RecordedEvent> {
  /** The row that an event changes; `undefined` where it changes none. */
  key(event: Event): string | undefined;
  /** The row after the event; `undefined` where there is none any more. It must not change the row it is given. */
  project(row: Row | undefined, event: Event): Row | undefined;
}
