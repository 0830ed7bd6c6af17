import { type Catalog, type EventDefinition, encodeToken, type Logger } from '@pipit/types-registry';
import type { GroupOptions, Handler, SubscribeOptions } from './bus.ts';
import { InvalidSubscriptionError } from './bus-errors.ts';
import type { DeliveredEvent } from './delivered-event.ts';
import { type RetryPolicy, retryPolicy } from './delivery/retry-policy.ts';
import { longestDelay } from './longest-delay.ts';
import { composeMiddleware, type Middleware } from './middleware.ts';

/** Options with nothing left out, and handlers to look up by any name. */
export interface CheckedOptions {
  readonly group: string;
  readonly handlers: ReadonlyMap<string, Handler<DeliveredEvent>>;
  readonly from: NonNullable<GroupOptions['from']>;
  readonly concurrency: number;
  /** Of a group that keeps order. */
  readonly partitions: number | undefined;
  readonly timeout: number;
  readonly retry: RetryPolicy;
  readonly signal: AbortSignal | undefined;
}

/** What a bus has for all its subscriptions. */
export interface Surroundings {
  readonly use?: readonly Middleware[] | undefined;
  readonly logger: Logger;
}

/** @throws InvalidSubscriptionError, UnknownEventTypeError, InvalidSubjectTokenError */
export function checkSubscribeOptions<Event extends DeliveredEvent, Type extends Event['type']>(
  events: Catalog<EventDefinition>,
  options: SubscribeOptions<Event, Type>,
  { use = [], logger }: Surroundings,
): CheckedOptions {
  const { group, from = 'start', concurrency = 1, timeout = 30_000, order = 'key' } = options;
  encodeToken('group', group);
  requireBeginning(from);
  requireCount('concurrency', concurrency, 1, 10_000);
  requireCount('timeout', timeout, 1, longestDelay);
  if (order !== 'key' && order !== 'none') {
    throw new InvalidSubscriptionError('order', `must be 'key' or 'none', not ${JSON.stringify(order)}`);
  }
  if (order === 'none' && options.partitions !== undefined) {
    throw new InvalidSubscriptionError(
      'partitions',
      "are of groups that keep order, and this one's order is 'none'",
    );
  }
  const partitions = order === 'key' ? (options.partitions ?? 64) : undefined;
  if (partitions !== undefined) requireCount('partitions', partitions, 1, 4_096);
  const retry = retryPolicy(options.retry);
  const around = [...use, ...(options.use ?? [])];
  const bare = handlersOf(events, options);
  const place = { group, logger };
  // Without any, a handler is called as it is: one that returns no promise costs none.
  const handlers =
    around.length === 0
      ? bare
      : new Map([...bare].map(([type, handler]) => [type, composeMiddleware(around, handler, place)]));
  return { group, handlers, from, concurrency, partitions, timeout, retry, signal: options.signal };
}

function requireBeginning(from: unknown): void {
  if (from === 'start' || from === 'new') return;
  if (typeof from === 'number' && Number.isSafeInteger(from) && from >= 1) return;
  if (from instanceof Date && !Number.isNaN(from.getTime())) return;
  const shown = from instanceof Date ? 'an invalid date' : JSON.stringify(from);
  throw new InvalidSubscriptionError(
    'from',
    `must be 'start', 'new', a position from 1 or a date, not ${shown}`,
  );
}

interface GivenHandlers {
  readonly on?: unknown;
  readonly types?: unknown;
  readonly handle?: unknown;
}

function handlersOf(
  events: Catalog<EventDefinition>,
  { on, types, handle }: GivenHandlers,
): Map<string, Handler<DeliveredEvent>> {
  if (types === undefined && handle === undefined) return handlersPerType(events, on);
  if (on !== undefined)
    throw new InvalidSubscriptionError('on', 'does not go together with types and handle');
  if (!Array.isArray(types) || types.length === 0) {
    throw new InvalidSubscriptionError('types', 'is no list of types of events: give at least one');
  }
  if (typeof handle !== 'function') throw new InvalidSubscriptionError('handle', 'is not a function');
  for (const type of types) events.get(type);
  return new Map(types.map((type: string) => [type, handle as Handler<DeliveredEvent>]));
}

function handlersPerType(
  events: Catalog<EventDefinition>,
  on: unknown,
): Map<string, Handler<DeliveredEvent>> {
  if (typeof on !== 'object' || on === null) {
    throw new InvalidSubscriptionError('on', 'is no object of handlers by type of event');
  }
  const handlers = new Map<string, Handler<DeliveredEvent>>();
  for (const [type, handler] of Object.entries(on)) {
    events.get(type);
    // An optional property may be there and undefined.
    if (handler === undefined) continue;
    if (typeof handler !== 'function') {
      throw new InvalidSubscriptionError(`on[${JSON.stringify(type)}]`, 'is not a function');
    }
    handlers.set(type, handler as Handler<DeliveredEvent>);
  }
  if (handlers.size === 0) throw new InvalidSubscriptionError('on', 'has no handler: give at least one');
  return handlers;
}

function requireCount(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new InvalidSubscriptionError(
    option,
    `must be a whole number from ${least} to ${most}, not ${String(value)}`,
  );
}
