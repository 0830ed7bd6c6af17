import type { App } from '../app.ts';
import { UnavailableError } from './problem.ts';

/** @throws UnavailableError while views are not complete: they catch up for the first time, or one has failed */
export function requireViews({ projections }: Pick<App, 'projections'>): void {
  const late = projections.late.map(({ name, status }) => `${name} (${status})`);
  if (late.length > 0) throw new UnavailableError(`Views are not complete: ${late.join(', ')}.`);
}

/** @throws UnavailableError while the connection to NATS is down */
export function requireNats({ connected }: Pick<App, 'connected'>): void {
  if (!connected) throw new UnavailableError('NATS cannot be reached at the moment. Try again soon.');
}
