import type { App } from '../app.ts';
import { UnavailableError } from './problem.ts';

type Watched = Pick<App, 'connected' | 'projections'>;

/** Whether requests can be served, and what keeps them from it. */
export interface Readiness {
  readonly ready: boolean;
  readonly parts: readonly { readonly name: string; readonly state: string; readonly reason?: string }[];
}

export async function readinessOf({ connected, projections }: Watched): Promise<Readiness> {
  const { late } = projections;
  const views = [...projections].map((view) => ({ name: `projection ${view.name}`, state: view.status }));
  const connection = { name: 'connection', state: connected ? 'connected' : 'disconnected' };
  return { ready: connected && late.length === 0, parts: [connection, ...views] };
}

/** @throws UnavailableError while views are not complete: they catch up for the first time, or one has failed */
export function requireViews({ projections }: Pick<App, 'projections'>): void {
  const late = projections.late.map(({ name, status }) => `${name} (${status})`);
  if (late.length > 0) throw new UnavailableError(`Views are not complete: ${late.join(', ')}.`);
}

/** @throws UnavailableError while the connection to NATS is down */
export function requireNats({ connected }: Pick<App, 'connected'>): void {
  if (!connected) throw new UnavailableError('NATS cannot be reached at the moment. Try again soon.');
}
