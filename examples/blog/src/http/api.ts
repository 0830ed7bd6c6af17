import type { App } from '@pipit/bootstrap';
import { type Projection, ProjectionBehindError } from '@pipit/projection';
import type { Aggregate, EventStore } from '@pipit/store';

/** What a module's routes stand on. */
export interface Api<A extends Aggregate> {
  readonly store: EventStore<A>;
  /**
   * The row with this key. Another process may have written it a moment ago, so before a row is called missing the view
   * takes in what is in the store by now.
   */
  find<Row>(view: Projection<Row>, key: string): Promise<Row | undefined>;
  /**
   * Waits until this process's views show what was written, so that the caller's next GET does. It gives up after two
   * seconds: the write is done, whether or not the views are late.
   */
  shown(position: number): Promise<void>;
}

const patience = { timeout: 2_000 };

export function createApi<A extends Aggregate>({ store, projections, logger }: App<A>): Api<A> {
  return {
    store,
    async find(view, key) {
      const row = await view.repository.get(key);
      if (row !== undefined) return row;
      await projections.of(view).caughtUp(patience);
      return view.repository.get(key);
    },
    async shown(position) {
      try {
        await projections.waitFor(position, patience);
      } catch (error) {
        if (!(error instanceof ProjectionBehindError)) throw error;
        logger.warn({ err: error }, 'answered before the views showed the write');
      }
    },
  };
}
