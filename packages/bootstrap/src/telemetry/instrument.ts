import { tracing as tracingMiddleware } from '@pipit/bus';
import type { Logger } from 'pino';
import type { AnySaga } from '../app.ts';
import { guardOf } from './guarded-api.ts';
import type { Instrumentation } from './instrumentation.ts';
import { openInstruments } from './instruments.ts';
import { measureGroups, measureProjections } from './measure-lag.ts';
import { tracedAppends, tracedStore } from './traced-appends.ts';
import { tracedBatches } from './traced-batches.ts';
import { tracedCommands, tracedRequestHandlers } from './traced-commands.ts';
import { tracedDeadLetters, tracedOutcomes } from './traced-dead-letters.ts';
import { tracedHandlers } from './traced-handlers.ts';
import { tracedRequests } from './traced-requests.ts';
import { countTransitions, tracedSagas } from './traced-sagas.ts';
import { type OpenTelemetryApi, openTracing } from './tracing.ts';

/** By the providers that are registered with OpenTelemetry's interface. */
export function instrument(
  api: OpenTelemetryApi,
  {
    store,
    sagas,
    logger,
  }: { readonly store: string; readonly sagas: readonly AnySaga[]; readonly logger: Logger },
): Instrumentation {
  const guard = guardOf(api, logger);
  const tracing = openTracing(api, guard);
  const instruments = openInstruments(api, guard);
  const aroundAppend = tracedAppends(api, tracing, instruments, store);
  const count = countTransitions(sagas, instruments);
  return {
    storeOptions: {
      async aroundAppend(changes, work) {
        const results = await aroundAppend(changes, work);
        for (const { events } of results) count(events);
        return results;
      },
    },
    use: [tracingMiddleware(tracedHandlers(api, tracing, instruments))],
    useForRequests: [tracedRequestHandlers(api, tracing, instruments, store)],
    projectionOptions: (name) => ({ aroundBatch: tracedBatches(api, tracing, instruments, store, name) }),
    store: (opened) => tracedStore(api, tracing, opened),
    recorder: (recorder) => tracedOutcomes(api, tracing, instruments, store, recorder),
    bus: (bus) => tracedDeadLetters(api, tracing, store, bus),
    commands: (commands) => tracedCommands(api, tracing, instruments, store, commands),
    sagas: (defined) => tracedSagas(api, tracing, instruments, defined),
    request: tracedRequests(api, tracing, instruments),
    watchProjections: (projections, signal) => measureProjections(instruments, store, projections, signal),
    watchGroups: (subscriptions, signal) => measureGroups(instruments, store, subscriptions, signal),
  };
}
