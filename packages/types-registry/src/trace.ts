import { AsyncLocalStorage } from 'node:async_hooks';
import type { DomainEvent } from './event.ts';

/** What an event inherits from what led to it. */
export interface Trace {
  readonly correlationId?: string;
  readonly causationId?: string;
  /** W3C Trace Context, level 1: `00-<trace id>-<parent id>-<flags>`. A malformed one is dropped, as it demands. */
  readonly traceparent?: string;
}

// One storage for the process, also where two copies of this package are loaded: a chain must not break between them.
const key = Symbol.for('@pipit/types-registry/trace');
const shared = globalThis as { [key]?: AsyncLocalStorage<Trace> };
shared[key] ??= new AsyncLocalStorage<Trace>();
const storage = shared[key];

// Version 00 ends with its flags; later ones may go on after a dash.
const wellFormedTraceparent =
  /^(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]*)?$/;

/** Whether it is written as W3C Trace Context demands; events of other producers may carry anything. */
export function isTraceparent(value: unknown): value is string {
  return typeof value === 'string' && wellFormedTraceparent.test(value);
}

/**
 * Runs `work` so that every event appended in it, also after an `await`, carries this trace. The bus and projections
 * do it around handlers; do it yourself where something from outside begins a chain, such as an HTTP request. Inside
 * another `withTrace` the inner trace replaces the outer one, nothing is merged.
 */
export function withTrace<Result>(trace: Trace, work: () => Result): Result {
  const { traceparent, ...rest } = trace;
  return storage.run(isTraceparent(traceparent) ? trace : rest, work);
}

/** The trace that an event appended here and now would carry; empty outside of `withTrace`. */
export function currentTrace(): Trace {
  return storage.getStore() ?? {};
}

/** The trace of whatever an event leads to: the same chain, with the event as its cause. */
export function traceAfter(event: Pick<DomainEvent, 'correlationId' | 'id' | 'traceparent'>): Trace {
  const { correlationId, id, traceparent } = event;
  return traceparent === undefined
    ? { correlationId, causationId: id }
    : { correlationId, causationId: id, traceparent };
}
