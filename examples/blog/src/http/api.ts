import type { App } from '@pipit/bootstrap';
import { type Projection, ProjectionBehindError } from '@pipit/projection';
import type { Aggregate, EventStore } from '@pipit/store';
import { UnavailableError } from './error-problem.ts';
import { requireNats } from './health-routes.ts';

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

export function createApi<A extends Aggregate>(app: App<A>): Api<A> {
  const { store, projections, logger } = app;
  return {
    store,
    async find(view, key) {
      const row = await view.repository.get(key);
      if (row !== undefined) return row;
      requireNats(app);
      try {
        await projections.of(view).caughtUp(patience);
      } catch (cause) {
        throw new UnavailableError('What is new cannot be looked up at the moment. Try again soon.', {
          cause,
        });
      }
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
