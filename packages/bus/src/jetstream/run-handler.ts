import { type RecordedEvent, TimeoutError, traceAfter, withTrace } from '@pipit/types-registry';
import type { Handler, HandlerContext } from '../bus.ts';

export interface HandlerRun extends Omit<HandlerContext, 'signal'> {
  /** Milliseconds. */
  readonly timeout: number;
  /** Aborts when nobody waits for the handler any longer. */
  readonly giveUp: AbortSignal;
}

/**
 * Runs a handler to its end, or to the end of its time. What it appends belongs to the event's chain.
 *
 * @throws what the handler throws; TimeoutError; the reason of `giveUp`. In the last two the handler may still be
 * running: only its signal tells it.
 */
export async function runHandler(
  handler: Handler<RecordedEvent>,
  event: RecordedEvent,
  { timeout, giveUp, ...context }: HandlerRun,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const controller = new AbortController();
  const abort = (reason: unknown) => {
    reject(reason);
    controller.abort(reason);
  };
  const timer = setTimeout(() => abort(tooLate(event, context.group, timeout)), timeout);
  const onGiveUp = () => abort(giveUp.reason);
  giveUp.addEventListener('abort', onGiveUp, { once: true });
  const work = async () => {
    await handler(event, { ...context, signal: controller.signal });
  };
  try {
    // What it throws after its time is up is not heard: that it was too late is its failure, and the event comes again.
    withTrace(traceAfter(event), work).then(resolve, reject);
    await promise;
  } finally {
    clearTimeout(timer);
    giveUp.removeEventListener('abort', onGiveUp);
  }
}

function tooLate(event: RecordedEvent, group: string, timeout: number): TimeoutError {
  return new TimeoutError({
    operation: `The handler of group ${group} for ${event.type} ${event.id}`,
    timeout,
    advice:
      'Its signal was aborted and the event comes again, though the handler may still be running: make it end on its ' +
      "signal, or raise the subscription's timeout.",
  });
}
