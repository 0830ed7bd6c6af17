import type { Commands, RequestMiddleware } from '@pipit/bus';
import { currentTrace } from '@pipit/types-registry';
import { errorType, operation } from './attributes.ts';
import { type Instruments, since } from './instruments.ts';
import { linksTo, type OpenTelemetryApi, type Tracing } from './tracing.ts';

/** Commands and queries: where they are sent, and waited for. */
export function tracedCommands(
  { SpanKind }: OpenTelemetryApi,
  { here, spanned }: Tracing,
  { operations }: Instruments,
  store: string,
  commands: Commands,
): Commands {
  const send: Commands['send'] = async (definition, data, options) => {
    const destination = `${store}.${definition.kind}.${definition.type}`;
    const attributes = { ...operation('send'), 'messaging.destination.name': destination };
    const begun = performance.now();
    let failed = {};
    try {
      return await spanned(`send ${destination}`, { kind: SpanKind.PRODUCER, attributes }, here(), () =>
        commands.send(definition, data, options),
      );
    } catch (error) {
      failed = { 'error.type': errorType(error) };
      throw error;
    } finally {
      operations.record(since(begun), { ...attributes, ...failed });
    }
  };
  return { ...commands, send };
}

/** And where they are handled, in the trace of who has sent them. */
export function tracedRequestHandlers(
  { SpanKind }: OpenTelemetryApi,
  { originOf, contextAfter, spanned }: Tracing,
  { consumed, handling }: Instruments,
  store: string,
): RequestMiddleware {
  return async ({ kind, type }, next) => {
    const destination = `${store}.${kind}.${type}`;
    const attributes = { ...operation('process'), 'messaging.destination.name': destination };
    const origin = originOf(currentTrace().traceparent);
    const begun = performance.now();
    let failed = {};
    try {
      return await spanned(
        `process ${destination}`,
        { kind: SpanKind.CONSUMER, attributes, links: linksTo(origin) },
        contextAfter(origin),
        async () => next(),
      );
    } catch (error) {
      failed = { 'error.type': errorType(error) };
      throw error;
    } finally {
      const measured = { ...attributes, ...failed };
      consumed.add(1, measured);
      handling.record(since(begun), measured);
    }
  };
}
