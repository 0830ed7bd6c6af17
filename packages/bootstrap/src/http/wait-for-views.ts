import { type Projection, ProjectionBehindError } from '@pipit/projection';
import type { Aggregate } from '@pipit/store';
import type { App } from '../app.ts';
import { patience } from './find-row.ts';
import { UnavailableError } from './problem.ts';

interface Log {
  warn(facts: object, message: string): void;
}

/**
 * Waits until the views of this process that are made of such events show a write, so that the caller's next GET does. It
 * gives up after two seconds: the write is done, whether or not a view is late or has failed.
 */
export async function waitForViews(
  { projections }: Pick<App, 'projections'>,
  aggregate: Aggregate,
  position: number,
  log: Log,
): Promise<void> {
  const concerned = projections.madeOf(aggregate);
  const waits = await Promise.allSettled(
    concerned.map((view) => view.waitFor(position, { timeout: patience })),
  );
  for (const wait of waits) {
    if (wait.status === 'rejected') log.warn({ err: wait.reason }, 'answered before a view showed the write');
  }
}

/** @throws UnavailableError where the view does not show everything up to the position within two seconds */
export async function waitForPosition(
  { view }: Pick<App, 'view'>,
  projection: Projection,
  position: number,
): Promise<void> {
  try {
    await view(projection).waitFor(position, { timeout: patience });
  } catch (cause) {
    if (!(cause instanceof ProjectionBehindError)) throw cause;
    throw new UnavailableError(
      `The view of ${projection.name} is at position ${cause.position}, and not at ${position} yet. Try again soon.`,
      { cause },
    );
  }
}
