import type { Span, Tracer } from '@opentelemetry/api';
import type { Logger } from 'pino';

type Api = Pick<typeof import('@opentelemetry/api'), 'trace' | 'INVALID_SPAN_CONTEXT'>;
export type Spans = Pick<Tracer, 'startSpan'>;

/** What makes spans and instruments, and never throws. */
export interface Guard {
  spans(tracer: Spans): Spans;
  /** An instrument, or whatever else is called for its effect only. */
  instrument<T extends object>(target: T): T;
}

/**
 * Processors and exporters run inside `span.end()`, and may be anybody's. What they throw is logged, once, and no append,
 * no handler and no projection fails by it.
 */
export function guardOf({ trace, INVALID_SPAN_CONTEXT }: Api, logger: Logger): Guard {
  let isLogged = false;

  function failed(err: unknown): void {
    if (isLogged) return;
    isLogged = true;
    logger.warn({ err }, 'OpenTelemetry has failed: spans and metrics are incomplete. This is logged once');
  }

  function instrument<T extends object>(target: T, instead: Readonly<Record<string, unknown>> = {}): T {
    const guarded: T = new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          try {
            const result: unknown = value.apply(target, given);
            return result === target ? guarded : result;
          } catch (error) {
            failed(error);
            // Calls of a span are chained.
            return Object.hasOwn(instead, name) ? instead[String(name)] : guarded;
          }
        };
      },
    });
    return guarded;
  }

  function startSpan(tracer: Spans, ...given: Parameters<Spans['startSpan']>): Span {
    try {
      return instrument(tracer.startSpan(...given), {
        spanContext: INVALID_SPAN_CONTEXT,
        isRecording: false,
      });
    } catch (error) {
      failed(error);
      return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    }
  }

  return {
    instrument: (target) => instrument(target),
    spans: (tracer) => ({ startSpan: (...given) => startSpan(tracer, ...given) }),
  };
}
