import { namedAggregate } from '../append/named-part.ts';
import type { Appended } from '../event-log.ts';
import type { AppendContext } from './append-context.ts';
import { timedOut } from './append-failures.ts';
import { holds, knownTails, sendable } from './guards.ts';
import { landed, sending } from './landed.ts';
import type { OutgoingMessage, PreparedAppend } from './outgoing.ts';
import { publishGuarded } from './publish.ts';
import { tryTimeout, untilAppended } from './until-appended.ts';

/**
 * The guarded write path. Every try guards on the tails of its aggregates, so it lands at most once whatever happens to
 * its answer; where the answer is missing, the leader is asked for the event behind the guard: only the append itself,
 * or an event that beat it for good, can stand there.
 */
export function append(context: AppendContext, request: PreparedAppend): Promise<Appended> {
  const { requests, link, tails, identity } = context;
  const { parts } = request;
  const guards = link.up && identity.sure ? knownTails(tails, parts) : undefined;
  if (guards === undefined || !holds(parts, guards)) return untilAppended(context, request);
  // Nearly always this is all there is to it.
  let messages: readonly OutgoingMessage[];
  try {
    messages = sendable(context, parts, guards);
  } catch (error) {
    return Promise.reject(error as Error);
  }
  const timeout = Math.min(request.deadline - Date.now(), tryTimeout);
  if (timeout <= 0) return Promise.reject(timedOut(request));
  const sent = sending(identity);
  return publishGuarded(requests, namedAggregate(parts), messages, timeout).then((outcome) =>
    outcome.kind === 'stored'
      ? landed(context, parts, guards, outcome.sequence - messages.length + 1, sent)
      : untilAppended(context, request, { guards, outcome }),
  );
}
