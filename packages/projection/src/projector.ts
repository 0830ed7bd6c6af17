import type { RecordedEvent } from '@pipit/types-registry';

/** Makes rows of events: pure functions, so that a view can be built again from the beginning and come out the same. */
export interface Projector<Row, Event extends RecordedEvent = RecordedEvent> {
  /** The keys of the rows that an event changes, each once; none where it changes none. */
  keys(event: Event): readonly string[];
  /**
   * The row of this key after the event; `undefined` where there is none any more. It must not change the row it is
   * given. Returning that very row changes nothing.
   */
  project(row: Row | undefined, event: Event, key: string): Row | undefined;
}
