import { withTrace } from '@pipit/types-registry';

/** A request as its handler is about to run: the body has been read and fits. */
export interface HandledRequest {
  readonly method: string;
  /** As it was declared: `/users/:id`. */
  readonly route: string;
  /** The header, malformed or not; one that is malformed is dropped. */
  readonly traceparent: string | undefined;
}

/**
 * The one place around a handler: all that it does, also after an `await`, runs in here and carries the caller's trace. It
 * is not around the reading of the body, which does not keep what runs around it.
 */
export function aroundRequest<Result>({ traceparent }: HandledRequest, handle: () => Result): Result {
  return withTrace(traceparent === undefined ? {} : { traceparent }, handle);
}
