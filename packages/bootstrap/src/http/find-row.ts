import type { Projection } from '@pipit/projection';
import type { App } from '../app.ts';
import { UnavailableError } from './problem.ts';
import { requireNats } from './readiness.ts';

type Reader = Pick<App, 'connected' | 'view'> & { readonly store: Pick<App['store'], 'position'> };

/** Milliseconds that a request waits for a view. */
export const patience = 2_000;

/**
 * The row with this key. Another process may have written what it shows a moment ago, so before a row is called missing
 * the view takes in what is in the store by now, for two seconds at most.
 *
 * @throws UnavailableError where that cannot be done in time; what the repository throws
 */
export async function findRow<Row>(
  app: Reader,
  projection: Projection<Row>,
  key: string,
): Promise<Row | undefined> {
  const view = app.view(projection);
  const row = await view.get(key);
  if (row !== undefined) return row;
  requireNats(app);
  try {
    await view.waitFor(await app.store.position(), { timeout: patience });
  } catch (cause) {
    throw new UnavailableError('What is new cannot be looked up at the moment. Try again soon.', { cause });
  }
  return view.get(key);
}
