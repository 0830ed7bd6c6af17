import { inspect } from 'node:util';
import {
  type Catalog,
  decodeEvent,
  type EventDefinition,
  eventTypeOf,
  type Logger,
} from '@pipit/types-registry';
import type { CheckedOptions } from '../check-subscribe-options.ts';
import type { Delivery } from './delivery.ts';
import { runHandler } from './run-handler.ts';

export interface HandlingContext extends CheckedOptions {
  readonly events: Catalog<EventDefinition>;
  /** Tokens of the aggregate types that this member of the group asked for. */
  readonly asked: ReadonlySet<string>;
  /** Milliseconds. */
  readonly lease: number;
  /** Aborts when a stop does not wait any longer. */
  readonly giveUp: AbortSignal;
  readonly logger: Logger;
}

/** Handles one delivery to its end; never rejects. */
export async function handleDelivery(delivery: Delivery, context: HandlingContext): Promise<void> {
  const renewal = setInterval(delivery.renew, context.lease / 3);
  // Known as soon as it has been read, for the log.
  const known: { type?: string; id?: string } = {};
  try {
    const type = eventTypeOf(delivery.message);
    known.type = type;
    const handler = context.handlers.get(type);
    if (handler === undefined) return passOver(delivery, type, context);
    const event = decodeEvent(context.events, delivery.message);
    known.id = event.id;
    const { group, timeout, giveUp } = context;
    await runHandler(handler, event, { group, deliveryCount: delivery.count, timeout, giveUp });
    delivery.ack();
  } catch (error) {
    // A handler that a stop did not wait for has not failed: the next one may have the event at once.
    if (context.giveUp.aborted) delivery.nak();
    else retry(delivery, known, error, context);
  } finally {
    clearInterval(renewal);
  }
}

/**
 * An event without a handler here is done with, unless another member of the group, of a newer release perhaps, has
 * asked for its aggregates: then it is not for this one to decide.
 */
function passOver(delivery: Delivery, type: string, context: HandlingContext): void {
  const [, aggregateToken = ''] = delivery.subject.split('.');
  if (context.asked.has(aggregateToken)) {
    delivery.ack();
    return;
  }
  const { group, redeliveryDelay, logger } = context;
  const { store, position } = delivery.message;
  delivery.nak(redeliveryDelay);
  logger.warn(
    { store, group, position, type, deliveryCount: delivery.count },
    `Group ${group} has no handler here for ${type} at position ${position}, and leaves it to a member that has one`,
  );
}

function retry(
  delivery: Delivery,
  { type, id }: { readonly type?: string; readonly id?: string },
  thrown: unknown,
  { group, redeliveryDelay, logger }: HandlingContext,
): void {
  const { store, position } = delivery.message;
  const err = toError(thrown);
  delivery.nak(redeliveryDelay);
  logger.error(
    { store, group, position, type, eventId: id, deliveryCount: delivery.count, err },
    `Group ${group} failed ${delivery.count} times on ${type ?? 'an event'} ${id ?? '(unreadable)'} at position ` +
      `${position}, again in ${redeliveryDelay} ms: ${err.message}`,
  );
}

/** Anything can be thrown, also what throws again when it is looked at. */
function toError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error && typeof thrown.message === 'string') return thrown;
    return new Error(`not an Error was thrown: ${inspect(thrown)}`, { cause: thrown });
  } catch {
    return new Error('what was thrown cannot be shown');
  }
}
