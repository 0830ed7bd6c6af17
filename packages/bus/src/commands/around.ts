import type { RequestContext, RequestKind } from '../commands.ts';

/** A handler's call, as something around it sees it. */
export interface RequestCall {
  readonly kind: RequestKind;
  readonly type: string;
  readonly data: unknown;
  readonly context: RequestContext;
}

/**
 * Runs around every call of a handler, within the sender's trace. `next` calls the handler; what this returns or throws
 * is taken for the handler's own.
 */
export type AroundRequest = (call: RequestCall, next: () => unknown) => unknown;
