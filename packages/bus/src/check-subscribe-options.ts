import { type Catalog, type EventDefinition, encodeToken, type RecordedEvent } from '@pipit/types-registry';
import type { Handler, SubscribeOptions } from './bus.ts';
import { InvalidSubscriptionError } from './bus-errors.ts';

/** Options with nothing left out, and handlers to look up by any name. */
export interface CheckedOptions {
  readonly group: string;
  readonly handlers: ReadonlyMap<string, Handler<RecordedEvent>>;
  readonly from: 'start' | 'new';
  readonly concurrency: number;
  readonly timeout: number;
  readonly redeliveryDelay: number;
  readonly signal: AbortSignal | undefined;
}

/** The longest a timer can wait. */
const longestDelay = 2 ** 31 - 1;

/** @throws InvalidSubscriptionError, UnknownEventTypeError, InvalidSubjectTokenError */
export function checkSubscribeOptions<Event extends RecordedEvent>(
  events: Catalog<EventDefinition>,
  options: SubscribeOptions<Event>,
): CheckedOptions {
  const { group, on, from = 'start', concurrency = 1, timeout = 30_000, redeliveryDelay = 1_000 } = options;
  encodeToken('group', group);
  if (from !== 'start' && from !== 'new') {
    throw new InvalidSubscriptionError('from', `must be 'start' or 'new', not ${JSON.stringify(from)}`);
  }
  requireCount('concurrency', concurrency, 1, 10_000);
  requireCount('timeout', timeout, 1, longestDelay);
  requireCount('redeliveryDelay', redeliveryDelay, 0, longestDelay);
  const handlers = handlersOf(events, on);
  return { group, handlers, from, concurrency, timeout, redeliveryDelay, signal: options.signal };
}

function handlersOf(events: Catalog<EventDefinition>, on: unknown): Map<string, Handler<RecordedEvent>> {
  if (typeof on !== 'object' || on === null) {
    throw new InvalidSubscriptionError('on', 'is no object of handlers by type of event');
  }
  const handlers = new Map<string, Handler<RecordedEvent>>();
  for (const [type, handler] of Object.entries(on)) {
    events.get(type);
    // An optional property may be there and undefined.
    if (handler === undefined) continue;
    if (typeof handler !== 'function') {
      throw new InvalidSubscriptionError(`on[${JSON.stringify(type)}]`, 'is not a function');
    }
    handlers.set(type, handler as Handler<RecordedEvent>);
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
