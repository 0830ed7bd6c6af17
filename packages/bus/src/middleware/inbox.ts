import type { DeliveredEvent } from '../delivered-event.ts';
import { eventFacts } from '../delivery/event-facts.ts';
import type { HandlerContext } from '../handler-context.ts';
import type { Doubt, DoubtChoice, Inbox, OnceOptions } from '../inbox.ts';
import { InboxBusyError, InvalidInboxError, StillRunningError } from '../inbox-errors.ts';
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
      const facts = { ...eventFacts(event), group, begunAt: doubt.begunAt, choice };
      const since = doubt.begunAt.toISOString();
      const message = `${group}: the handler of ${event.type} ${event.id} was cut off at work since ${since}: ${choice}`;
      logger.warn(facts, message);
      return choice;
    }

    // Events whose handlers were told to end and still run here.
    const hanging = new Set<string>();

    async function run(event: DeliveredEvent, context: HandlerContext): Promise<void> {
      const { signal } = context;
      const onAbort = () => hanging.add(event.id);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        await next(event, context);
      } finally {
        signal.removeEventListener('abort', onAbort);
        hanging.delete(event.id);
      }
    }

    return async (event, context) => {
      const { type, id: eventId } = event;
      const options: OnceOptions = { onDoubt: (doubt) => decide(event, doubt), signal: context.signal };
      const outcome = await place
        .once({ group, eventId }, () => run(event, context), options)
        .catch((error) => {
          // To wait for it would keep the event, and what is behind it, for as long as the process lives.
          if (error instanceof InboxBusyError && hanging.has(eventId))
            throw new StillRunningError({ group, eventId }, error);
          throw error;
        });
      if (outcome !== 'repeated') return;
      logger.info(
        { ...eventFacts(event), group },
        `${group} passes over ${type} ${eventId}: it has been handled`,
      );
    };
  };
}

function requireChoice(choice: unknown): void {
  if (choices.includes(choice)) return;
  throw new InvalidInboxError('onDoubt', `must be 'fail', 'repeat' or 'skip', not ${JSON.stringify(choice)}`);
}
