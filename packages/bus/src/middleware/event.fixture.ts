import type { DeliveredEvent } from '../delivered-event.ts';
import type { HandlerContext } from '../handler-context.ts';
import { composeMiddleware, type HandleEvent, type Middleware } from '../middleware.ts';
import { type LogLine, logTo } from '../testing/log-to.ts';

export const eventOf = (id: string): DeliveredEvent => ({
  id,
  type: 'post-published',
  aggregate: { type: 'post', id: 'p1' },
  revision: 1,
  schemaVersion: 1,
  time: new Date(0),
  data: {},
  metadata: {},
  correlationId: id,
  causationId: undefined,
  traceparent: undefined,
  store: 'blog',
  position: 1,
});

export const contextOf = (signal = new AbortController().signal): HandlerContext => ({
  group: 'mail',
  deliveryCount: 1,
  signal,
  logger: logTo([]),
});

/** Middleware around a handler as a subscription puts it, and a way to deliver to it. */
export function mount(use: readonly Middleware[], handler: HandleEvent, group = 'mail') {
  const log: LogLine[] = [];
  const logger = logTo(log);
  const handle = composeMiddleware(use, handler, { group, logger });
  return { log, deliver: (id = 'e1', signal?: AbortSignal) => handle(eventOf(id), contextOf(signal)) };
}
