import type { Span } from '@opentelemetry/api';
import { errorType } from './attributes.ts';
import { type Instruments, since } from './instruments.ts';
import type { Telemetry } from './telemetry.ts';
import type { OpenTelemetryApi, Tracing } from './tracing.ts';

/** What the conventions for HTTP know; others are one, because anybody can make them up. */
const methods = new Set('GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY'.split(' '));

/** Requests in spans, by https://opentelemetry.io/docs/specs/semconv/http/http-spans/ (stable). */
export function tracedRequests(
  { SpanKind, SpanStatusCode, TraceFlags, trace }: OpenTelemetryApi,
  { tracer, originOf, contextAfter, here, within, fail }: Tracing,
  { requests }: Instruments,
): Telemetry['request'] {
  /** One that has ended is a span that the server was started in, and none of a request. */
  function isOpen(span: Span): boolean {
    const isSampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
    return span.isRecording() || !isSampled;
  }

  return async (request, work) => {
    const active = trace.getActiveSpan();
    if (active !== undefined && isOpen(active)) return within(active, here(), () => work(() => {}));

    const { method: given, path, route, scheme = 'http' } = request;
    const isKnown = methods.has(given);
    const low = {
      'http.request.method': isKnown ? given : '_OTHER',
      'url.scheme': scheme,
      ...(route !== undefined && { 'http.route': route }),
    };
    const attributes = {
      ...low,
      'url.path': path,
      ...(!isKnown && { 'http.request.method_original': given }),
    };
    const method = isKnown ? given : 'HTTP';
    const name = route === undefined ? method : `${method} ${route}`;
    const parent = contextAfter(originOf(request.traceparent));
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    const begun = performance.now();
    let answer: { readonly status: number; readonly error: unknown } | undefined;

    function end(thrown?: { readonly error: unknown }): void {
      const { status, error } = answer ?? {};
      const measured: Record<string, string | number> = { ...low };
      if (status !== undefined) {
        measured['http.response.status_code'] = status;
        span.setAttribute('http.response.status_code', status);
      }
      if (thrown !== undefined) {
        fail(span, thrown.error);
        measured['error.type'] = errorType(thrown.error);
      } else if (status !== undefined && status >= 500) {
        // A refusal is the client's error, and none of the server's.
        if (error === undefined) span.setStatus({ code: SpanStatusCode.ERROR });
        else fail(span, error);
        measured['error.type'] = error === undefined ? String(status) : errorType(error);
        span.setAttribute('error.type', measured['error.type']);
      }
      span.end();
      requests.record(since(begun), measured);
    }

    try {
      const result = await within(span, parent, () =>
        work((status, error) => {
          answer = { status, error };
        }),
      );
      end();
      return result;
    } catch (error) {
      end({ error });
      throw error;
    }
  };
}
