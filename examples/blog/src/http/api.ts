import type { App } from '@pipit/bootstrap';
import { type Projection, ProjectionBehindError } from '@pipit/projection';
import type { Aggregate, EventStore } from '@pipit/store';
import { UnavailableError } from './error-problem.ts';
import { requireNats } from './health-routes.ts';
import { etag } from './revision.ts';

/** What a module's routes stand on. */
export interface Api<A extends Aggregate> extends Pick<App<A>, 'view'> {
  readonly store: EventStore<A>;
  /**
   * The row with this key. Another process may have written it a moment ago, so before a row is called missing the view
   * takes in what is in the store by now.
   */
  find<Row>(view: Projection<Row>, key: string): Promise<Row | undefined>;
  /**
   * Waits up to two seconds until a view shows everything up to a position.
   *
   * @throws UnavailableError saying how far it is
   */
  caughtUpTo(view: Projection, position: number): Promise<void>;
  /**
   * Names a write in its answer, by `ETag` and `Position`, and waits until the views that are made of such events show it,
   * so that the caller's next GET does. It gives up after two seconds: the write is done, whether or not the views are late.
   */
  written(answer: Answer, aggregate: A, write: Write): Promise<void>;
}

interface Answer {
  header(name: string, value: string): unknown;
}

interface Write {
  readonly revision: number;
  readonly position: number;
}

const patience = { timeout: 2_000 };

export function createApi<A extends Aggregate>(app: App<A>, views: readonly Projection[]): Api<A> {
  const { store, projections, view, logger } = app;
  return {
    store,
    view,
    async find(projection, key) {
      const row = await view(projection).get(key);
      if (row !== undefined) return row;
      requireNats(app);
      try {
        await projections.of(projection).caughtUp(patience);
      } catch (cause) {
        throw new UnavailableError('What is new cannot be looked up at the moment. Try again soon.', {
          cause,
        });
      }
      return view(projection).get(key);
    },
    async caughtUpTo(projection, position) {
      try {
        await view(projection).waitFor(position, patience);
      } catch (cause) {
        if (!(cause instanceof ProjectionBehindError)) throw cause;
        throw new UnavailableError(
          `The view of ${projection.name} is at position ${cause.position}, and not at ${position} yet. Try again soon.`,
          { cause },
        );
      }
    },
    async written(answer, aggregate, { revision, position }) {
      answer.header('etag', etag(revision));
      answer.header('position', String(position));
      const concerned = views.filter(({ events }) =>
        events?.some((event) => aggregate.events.includes(event)),
      );
      try {
        await Promise.all(concerned.map((view) => projections.of(view).waitFor(position, patience)));
      } catch (error) {
        if (!(error instanceof ProjectionBehindError)) throw error;
        logger.warn({ err: error }, 'answered before the views showed the write');
      }
    },
  };
}
