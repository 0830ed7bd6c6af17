import { encodeToken } from '@pipit/types-registry';
import { rememberedFor, requireMilliseconds } from '../../inbox/remembered-for.ts';
import { settled } from '../../inbox/settled.ts';
import type { Inbox, InboxKey } from '../../inbox.ts';
import { InboxBusyError } from '../../inbox-errors.ts';
import { longestDelay } from '../../longest-delay.ts';

export interface MemoryInboxOptions {
  /** Milliseconds that an event is remembered after it was handled; at least 1,000. Default: 7 days. */
  readonly ttl?: number;
  /** Milliseconds to wait for another delivery of an event that is being handled. Default: 10,000. */
  readonly wait?: number;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: () => number;
}

/**
 * An inbox that lives and dies with its process, so that nothing is ever in doubt.
 *
 * @throws InvalidInboxError
 */
export function memoryInbox(options: MemoryInboxOptions = {}): Inbox {
  const { clock = Date.now } = options;
  const ttl = rememberedFor(options.ttl);
  const wait = requireMilliseconds('wait', options.wait ?? 10_000, 0, longestDelay);
  const running = new Map<string, Promise<void>>();
  // When each was done; in that order, so that what has expired stands first.
  const done = new Map<string, number>();

  function dropExpired(): void {
    for (const [name, at] of done) {
      if (clock() - at < ttl) return;
      done.delete(name);
    }
  }

  return {
    async once(key, effect, { signal }) {
      const name = nameOf(key);
      const deadline = performance.now() + wait;
      for (let other = running.get(name); other !== undefined; other = running.get(name)) {
        if (!(await settled(other, deadline, signal))) throw new InboxBusyError(key);
      }
      signal?.throwIfAborted();
      dropExpired();
      if (done.has(name)) return 'repeated';
      const work = effect();
      running.set(name, work);
      try {
        await work;
        done.set(name, clock());
      } finally {
        running.delete(name);
      }
      return 'done';
    },
    async forget(key) {
      if (running.has(nameOf(key))) throw new InboxBusyError(key);
      dropExpired();
      return done.delete(nameOf(key));
    },
  };
}

function nameOf({ group, eventId }: InboxKey): string {
  return JSON.stringify([encodeToken('group', group), eventId]);
}
