import { type Trace, withTrace } from '@pipit/types-registry';
import type { Request, RequestHandler } from '../commands.ts';
import type { RequestCall, RequestMiddleware } from './request-middleware.ts';

/** The one place where handlers are called. Throws what they throw, or what is around them does. */
export function callHandler(
  handler: RequestHandler<Request>,
  around: RequestMiddleware | undefined,
  trace: Trace,
  call: RequestCall,
): unknown {
  const { type, data, context } = call;
  const next = () => handler({ type, data }, context);
  return withTrace(trace, around === undefined ? next : () => around(call, next));
}
