import type { RequestContext } from '../commands.ts';
import type { Expiring } from './deadlines.ts';
import type { IncomingRequest } from './transport.ts';

/** One request on the handler's side, from its coming to its end. */
export interface Work extends Expiring {
  readonly request: IncomingRequest;
  readonly context: RequestContext;
  /** When the handler began with it, by the clock of the deadlines. */
  startedAt: number;
  /** Nobody wants the answer any more. */
  cancelled: boolean;
  abort(reason: Error): void;
}

/** @param now by the clock of the deadlines */
export function createWork(request: IncomingRequest, now: number, expire: (work: Work) => void): Work {
  const deadline = now + request.timeout;
  let controller: AbortController | undefined;
  let abortedBy: Error | undefined;
  const context: RequestContext = {
    get deadline() {
      return new Date(performance.timeOrigin + deadline);
    },
    // Made when it is looked at: most handlers do not, and it costs as much as the rest of the context.
    get signal() {
      controller ??= new AbortController();
      if (abortedBy !== undefined) controller.abort(abortedBy);
      return controller.signal;
    },
  };
  const work: Work = {
    request,
    context,
    deadline,
    startedAt: now,
    cancelled: false,
    expire: () => expire(work),
    abort(reason) {
      abortedBy ??= reason;
      controller?.abort(abortedBy);
    },
  };
  return work;
}
