/** How far a full projection is. */
export interface FullProjectionProgress {
  /** Aggregates that are done: their rows are saved, or they have none. */
  readonly done: number;
  /** How many there are; `undefined` where that is not known, or not yet. */
  readonly of: number | undefined;
  /** Rows that were saved. */
  readonly saved: number;
  /** Aggregates whose events left no row; one that there was has been deleted. */
  readonly gone: number;
  /** Aggregates without an event that the projection is made of. */
  readonly skipped: number;
  /** Events that were projected. */
  readonly events: number;
  /** Events that were left out because they could not be read. */
  readonly unreadable: number;
  /** Aggregates a second, since it began. */
  readonly rate: number;
}

interface Counts {
  of: number | undefined;
  saved: number;
  gone: number;
  skipped: number;
  events: number;
  unreadable: number;
}

/** Counts for a progress that can be read at any time. */
export function countProgress(): { readonly counts: Counts; now(): FullProjectionProgress } {
  const counts: Counts = { of: undefined, saved: 0, gone: 0, skipped: 0, events: 0, unreadable: 0 };
  const start = performance.now();
  return {
    counts,
    now() {
      const done = counts.saved + counts.gone + counts.skipped;
      const seconds = (performance.now() - start) / 1_000;
      return { ...counts, done, rate: seconds === 0 ? 0 : done / seconds };
    },
  };
}
