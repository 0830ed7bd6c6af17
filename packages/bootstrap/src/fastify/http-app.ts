import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { App } from '../app.ts';

/** What the HTTP side needs of an application. */
export type ServedApp = Pick<
  App,
  'config' | 'connected' | 'health' | 'logger' | 'projections' | 'telemetry'
> & {
  readonly operations: Pick<App['operations'], 'operation'>;
};

/** Routes of a module: what `routesOf` makes, or a plugin of your own with any routes of Fastify. */
export type Routes = FastifyPluginAsyncZod;

/** Methods that change nothing: no operation is recorded. */
const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

export const isWrite = (method: string) => !reading.has(method);
