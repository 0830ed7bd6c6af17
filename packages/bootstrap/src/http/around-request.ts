import { withTrace } from '@pipit/types-registry';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** A request as its handler is about to run: the body has been read and fits. */
export interface HandledRequest {
  readonly method: string;
  /** Of the URL, without the query. */
  readonly path: string;
  /** As it was declared: `/users/:id`. */
  readonly route: string;
  /** The header, malformed or not; one that is malformed is dropped. */
  readonly traceparent: string | undefined;
}

/** What a request is answered with. */
export interface Answers {
  /** As it is, once the handler is done. */
  status(): number;
  /** What is made of an error. */
  statusOf(error: unknown): number;
}

/**
 * The one place around a handler: all that it does, also after an `await`, runs in here, in a span of its own, and carries
 * the caller's trace. It is not around the reading of the body, which does not keep what runs around it.
 */
export async function aroundRequest<Result>(
  telemetry: Telemetry,
  request: HandledRequest,
  answers: Answers,
  handle: () => Result | Promise<Result>,
): Promise<Result> {
  const { traceparent } = request;
  const outcome = await withTrace(traceparent === undefined ? {} : { traceparent }, () =>
    telemetry.request(request, async (answered) => {
      try {
        const result = await handle();
        answered(answers.status());
        return { result };
      } catch (error) {
        // It is answered as well, with a problem.
        answered(answers.statusOf(error), error);
        return { error };
      }
    }),
  );
  if ('error' in outcome) throw outcome.error;
  return outcome.result;
}
