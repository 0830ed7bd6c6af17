import { guardLogger, type Logger, processWarnings } from '@pipit/types-registry';
import type { StopOptions } from '../bus.ts';
import { StoppedError } from '../bus-errors.ts';
import { AlreadyHandledError, HandleFailedError } from '../command-errors.ts';
import type { Commands, Handling, RequestHandler } from '../commands.ts';
import { toError } from '../to-error.ts';
import { checkHandleOptions, requireHandler } from './check-options.ts';
import { createDeadlines } from './deadlines.ts';
import { createEndpoint } from './endpoint.ts';
import { type Form, formOf } from './form.ts';
import { composeRequestMiddleware, type RequestMiddleware } from './request-middleware.ts';
import { createSender } from './sender.ts';
import type { OpenTransport } from './transport.ts';

export interface CommandsOptions {
  /** Requests reach the instances that were opened with the same name. */
  readonly store: string;
  /** Default: process warnings (stderr, `process.on('warning')`) for what is a warning or an error. */
  readonly logger?: Logger;
  /** Behaviour around all handlers of this instance, the first outermost. */
  readonly use?: readonly RequestMiddleware[];
}

const stopTimeout = 10_000;

/** Commands over anything that carries them. */
export function createCommands(
  { store, logger: given = processWarnings, use = [] }: CommandsOptions,
  open: OpenTransport,
): Commands {
  const logger = guardLogger(given);
  const around = composeRequestMiddleware(use);
  const deadlines = createDeadlines();
  const sender = createSender(
    (events) =>
      open({
        ...events,
        closed(cause) {
          events.closed(cause);
          tellClosed(cause);
        },
      }),
    deadlines,
  );
  const { transport } = sender;
  const handlings = new Map<string, Handling>();
  let stopping: Promise<void> | undefined;
  let refusing = false;

  function tellClosed(err: Error | undefined): void {
    if (handlings.size === 0) return;
    const count = handlings.size;
    const message = `The connection was closed under ${count} handlers of store ${store}. Stop them before it; where they should outlive an outage, connect with maxReconnectAttempts: -1`;
    logger.error({ store, count, ...(err !== undefined && { err }) }, message);
  }

  function start(
    form: Form,
    handler: RequestHandler<never>,
    { concurrency, waiting, signal }: ReturnType<typeof checkHandleOptions>,
  ): Handling {
    const { kind, type, key } = form;
    const ready = Promise.withResolvers<void>();
    // It is for who looks; what goes wrong is logged.
    ready.promise.catch(() => {});
    let ending: Promise<void> | undefined;
    const stopped = () => new StoppedError(`The handler of ${kind} ${type}`);
    const context = { store, logger, deadlines, around };
    const endpoint = createEndpoint(form, handler as never, { concurrency, waiting }, context);
    const listening = transport.listen(form, endpoint);
    listening.ready.then(ready.resolve, (cause) => {
      if (ending !== undefined) return;
      const err = new HandleFailedError(form, cause);
      logger.error({ store, kind, type, err }, err.message);
      ready.reject(err);
      void handling.stop();
    });

    async function shutDown({ timeout = stopTimeout }: StopOptions): Promise<void> {
      signal?.removeEventListener('abort', onAbort);
      ready.reject(stopped());
      const until = deadlines.now() + timeout;
      await listening.close();
      await endpoint.stop(until - deadlines.now());
      await transport.flush();
      handlings.delete(key);
    }

    const handling: Handling = {
      kind,
      type,
      ready: ready.promise,
      stop(options = {}) {
        ending ??= shutDown(options);
        return ending;
      },
    };
    const onAbort = () => void handling.stop();
    handlings.set(key, handling);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    return handling;
  }

  async function shutDown(timeout: number): Promise<void> {
    const until = deadlines.now() + timeout;
    await Promise.all([...handlings.values()].map((handling) => handling.stop({ timeout })));
    // Until here handlers under way may send.
    refusing = true;
    await sender.stop(until - deadlines.now());
    await transport.flush();
    transport.close();
  }

  const stoppedError = () => new StoppedError(`Commands of store ${store}`);
  return {
    handle(definition, handler, options = {}) {
      if (stopping !== undefined) throw stoppedError();
      const form = formOf(definition);
      requireHandler(handler);
      const checked = checkHandleOptions(options);
      if (handlings.has(form.key)) throw new AlreadyHandledError(form);
      return start(form, handler, checked);
    },
    send(definition, data, options = {}) {
      if (refusing) return Promise.reject(stoppedError());
      try {
        return sender.send(formOf(definition), data, options) as Promise<never>;
      } catch (error) {
        return Promise.reject(toError(error));
      }
    },
    stop({ timeout = stopTimeout } = {}) {
      stopping ??= shutDown(timeout);
      return stopping;
    },
  };
}
