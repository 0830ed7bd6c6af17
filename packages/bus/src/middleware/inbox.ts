import type { DeliveredEvent } from '../delivered-event.ts';
import type { Doubt, DoubtChoice, Inbox } from '../inbox.ts';
import { InvalidInboxError } from '../inbox-errors.ts';
import type { Middleware } from '../middleware.ts';

export interface InboxOptions {
  /**
   * What to do with an event whose handler was cut off by the death of its process, so that nobody knows whether it had
   * its effect: `fail`, so that a person decides over a dead letter; `repeat`, where a second effect does less harm than
   * none; `skip`, where none does less harm; or a function that finds out, by asking the payment provider for instance.
   * Default: `fail`.
   */
  readonly onDoubt?:
    | DoubtChoice
    | ((event: DeliveredEvent, doubt: Doubt) => DoubtChoice | Promise<DoubtChoice>);
}

const choices: readonly unknown[] = ['fail', 'repeat', 'skip'] satisfies DoubtChoice[];

/**
 * Runs what stands inside it once per group and event. What stands around it runs each time. Make it the innermost: a
 * `timeout` inside of it would call the handler failed while it may still be running.
 *
 * @throws InvalidInboxError
 */
export function inbox(place: Inbox, { onDoubt = 'fail' }: InboxOptions = {}): Middleware {
  if (typeof onDoubt !== 'function') requireChoice(onDoubt);
  return (next, { group, logger }) => {
    async function decide(event: DeliveredEvent, doubt: Doubt): Promise<DoubtChoice> {
      const choice = typeof onDoubt === 'function' ? await onDoubt(event, doubt) : onDoubt;
      requireChoice(choice);
      const facts = { group, type: event.type, eventId: event.id, begunAt: doubt.begunAt, choice };
      const since = doubt.begunAt.toISOString();
      const message = `${group}: the handler of ${event.type} ${event.id} was cut off at work since ${since}: ${choice}`;
      logger.warn(facts, message);
      return choice;
    }

    return async (event, context) => {
      const { type, id: eventId } = event;
      const outcome = await place.once({ group, eventId }, async () => next(event, context), {
        onDoubt: (doubt) => decide(event, doubt),
        signal: context.signal,
      });
      if (outcome !== 'repeated') return;
      logger.info({ group, type, eventId }, `${group} passes over ${type} ${eventId}: it has been handled`);
    };
  };
}

function requireChoice(choice: unknown): void {
  if (choices.includes(choice)) return;
  throw new InvalidInboxError('onDoubt', `must be 'fail', 'repeat' or 'skip', not ${JSON.stringify(choice)}`);
}
