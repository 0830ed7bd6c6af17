import type { Context, Link, Span, SpanContext, SpanOptions } from '@opentelemetry/api';
import { currentTrace, isTraceparent, withTrace } from '@pipit/types-registry';
import { errorType } from './attributes.ts';
import type { Guard, Spans } from './guarded-api.ts';

export type OpenTelemetryApi = typeof import('@opentelemetry/api');

/** Spans whose context is both OpenTelemetry's and that of the events which are appended in them. */
export interface Tracing {
  readonly tracer: Spans;
  /** The span that an event was appended in; `undefined` where it says none. */
  originOf(traceparent: string | undefined): SpanContext | undefined;
  /** Where what an event leads to is traced. */
  contextAfter(origin: SpanContext | undefined): Context;
  /** The span that is current here: OpenTelemetry's own, else the one that an event or a request has brought. */
  here(): Context;
  within<Result>(span: Span, parent: Context, work: () => Result): Result;
  /** Runs work in a span that ends with it. */
  spanned<Result>(
    name: string,
    options: SpanOptions,
    parent: Context,
    work: (span: Span) => Promise<Result>,
  ): Promise<Result>;
  fail(span: Span, error: unknown): void;
}

export function openTracing(api: OpenTelemetryApi, guard: Guard): Tracing {
  const { context, trace, ROOT_CONTEXT, SpanStatusCode } = api;
  const tracer = guard.spans(trace.getTracer('@pipit/bootstrap'));

  function originOf(traceparent: string | undefined): SpanContext | undefined {
    if (!isTraceparent(traceparent)) return undefined;
    const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
    return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  }

  function contextAfter(origin: SpanContext | undefined): Context {
    return origin === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, origin);
  }

  function here(): Context {
    const active = context.active();
    const span = trace.getSpanContext(active);
    const isTraced = span !== undefined && api.isSpanContextValid(span);
    return isTraced ? active : contextAfter(originOf(currentTrace().traceparent));
  }

  function within<Result>(span: Span, parent: Context, work: () => Result): Result {
    const inner = trace.setSpan(parent, span);
    const own = span.spanContext();
    const outer = currentTrace();
    const traceparent = traceparentOf(own);
    // Where no SDK is registered a span has no ids, or those that came with the event, which goes on as it is.
    if (own.traceId === api.INVALID_TRACEID || traceparent === outer.traceparent)
      return context.with(inner, work);
    return context.with(inner, () => withTrace({ ...outer, traceparent }, work));
  }

  function fail(span: Span, error: unknown): void {
    const { message } = error instanceof Error ? error : { message: String(error) };
    span.setAttribute('error.type', errorType(error));
    span.recordException(error instanceof Error ? error : message);
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  async function spanned<Result>(
    name: string,
    options: SpanOptions,
    parent: Context,
    work: (span: Span) => Promise<Result>,
  ): Promise<Result> {
    const span = tracer.startSpan(name, options, parent);
    try {
      return await within(span, parent, () => work(span));
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  return { tracer, originOf, contextAfter, here, within, spanned, fail };
}

/** What a span that accounts for messages points back to. */
export function linksTo(...origins: readonly (SpanContext | undefined)[]): Link[] {
  return origins.filter((origin) => origin !== undefined).map((context) => ({ context }));
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;
}
