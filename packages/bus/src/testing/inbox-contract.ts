import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Inbox, OnceOptions } from '../inbox.ts';

export interface OpenedInbox {
  readonly inbox: Inbox;
  /** Another one on the same entries, as another process would open it; absent where there cannot be one. */
  readonly another?: () => Promise<Inbox>;
  readonly release?: () => Promise<void>;
}

export interface InboxSettings {
  /** Milliseconds, as in the options of every inbox. */
  readonly ttl?: number;
  readonly wait?: number;
}

/**
 * What every inbox promises, but for what happens when a process dies. `open` gives a new, empty one each time. Runs under
 * vitest.
 */
export function testInbox(
  implementation: string,
  open: (settings: InboxSettings) => Promise<OpenedInbox>,
): void {
  describe(`${implementation} keeps the promises of an inbox`, () => {
    let opened: OpenedInbox | undefined;
    let inbox: Inbox;
    let effects: number;
    const key = { group: 'mail', eventId: 'e1' };
    const options: OnceOptions = { onDoubt: 'fail' };
    const effect = async () => {
      effects += 1;
    };

    async function start(settings: InboxSettings = {}): Promise<OpenedInbox> {
      await opened?.release?.();
      opened = await open(settings);
      ({ inbox } = opened);
      return opened;
    }

    beforeEach(async () => {
      effects = 0;
      await start();
    });

    afterEach(async () => {
      await opened?.release?.();
      opened = undefined;
    });

    it('an event that comes again has no second effect', async () => {
      expect(await inbox.once(key, effect, options)).toBe('done');
      expect(await inbox.once(key, effect, options)).toBe('repeated');
      const other = (await opened?.another?.()) ?? inbox;
      expect(await other.once(key, effect, options)).toBe('repeated');
      expect(effects).toBe(1);
    });

    it('an effect that fails runs again, and its error is the caller’s', async () => {
      const error = new Error('the mail server is away');
      for (let i = 0; i < 2; i++) {
        await expect(inbox.once(key, () => Promise.reject(error), options)).rejects.toBe(error);
      }
      const other = (await opened?.another?.()) ?? inbox;
      expect(await other.once(key, effect, options)).toBe('done');
      expect(await inbox.once(key, effect, options)).toBe('repeated');
      expect(effects).toBe(1);
    });

    it('groups and events are kept apart, whatever their names', async () => {
      const names = ['a', 'a.b', '🐦', '*', '>', 'a b', '__proto__', '=', 'a=2Eb', '"', '\u0000'];
      const long = ['x'.repeat(400), '🐦'.repeat(200), '\ud800', '\udc00', ''];
      const keys = [
        ...names.flatMap((group) => names.map((eventId) => ({ group, eventId }))),
        ...long.map((eventId) => ({ group: 'a', eventId })),
      ];
      for (const each of keys) expect(await inbox.once(each, effect, options)).toBe('done');
      for (const each of keys) expect(await inbox.once(each, effect, options)).toBe('repeated');
      expect(effects).toBe(keys.length);
    });

    it('of many at the same moment exactly one has the effect, and the others learn that it is done', async () => {
      const others = await Promise.all(
        Array.from({ length: 3 }, async () => (await opened?.another?.()) ?? inbox),
      );
      for (let round = 0; round < 10; round++) {
        effects = 0;
        const all = [inbox, inbox, ...others].map((each) =>
          each.once({ group: 'mail', eventId: `race-${round}` }, effect, options),
        );
        const outcomes = await Promise.all(all);
        expect(effects).toBe(1);
        expect(outcomes.toSorted()).toEqual(['done', 'repeated', 'repeated', 'repeated', 'repeated']);
      }
    });

    it('who waits for an effect that then fails has it himself', async () => {
      const first = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const failing = inbox.once(
        key,
        () => {
          begun.resolve();
          return first.promise;
        },
        options,
      );
      await begun.promise;
      const other = (await opened?.another?.()) ?? inbox;
      const waiting = other.once(key, effect, options);
      first.reject(new Error('away'));
      await expect(failing).rejects.toThrow('away');
      expect(await waiting).toBe('done');
      expect(effects).toBe(1);
    });

    it('an effect that takes longer than others wait for keeps them out with an error that says so', async () => {
      await start({ wait: 200 });
      const end = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const long = inbox.once(
        key,
        () => {
          begun.resolve();
          return end.promise;
        },
        options,
      );
      await begun.promise;
      const other = (await opened?.another?.()) ?? inbox;
      const busy = { code: 'INBOX_BUSY', group: 'mail', eventId: 'e1' };
      for (const each of [inbox, other]) {
        await expect(each.once(key, effect, options)).rejects.toMatchObject(busy);
        await expect(each.forget(key)).rejects.toMatchObject(busy);
      }
      end.resolve();
      expect(await long).toBe('done');
      expect(await other.once(key, effect, options)).toBe('repeated');
      expect(effects).toBe(0);
    });

    it('waiting for another ends with the signal', async () => {
      const end = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const long = inbox.once(
        key,
        () => {
          begun.resolve();
          return end.promise;
        },
        options,
      );
      await begun.promise;
      const other = (await opened?.another?.()) ?? inbox;
      for (const each of [inbox, other]) {
        const stopping = new AbortController();
        const waiting = each.once(key, effect, { ...options, signal: stopping.signal });
        const reason = new Error('stopped');
        stopping.abort(reason);
        await expect(waiting).rejects.toBe(reason);
      }
      end.resolve();
      await long;
      expect(effects).toBe(0);
    });

    it('an event that is forgotten is handled again', async () => {
      expect(await inbox.forget(key)).toBe(false);
      await inbox.once(key, effect, options);
      const other = (await opened?.another?.()) ?? inbox;
      expect(await other.forget(key)).toBe(true);
      expect(await other.forget(key)).toBe(false);
      expect(await inbox.once(key, effect, options)).toBe('done');
      expect(effects).toBe(2);
    });

    it('an entry expires', async () => {
      await start({ ttl: 1_000 });
      await inbox.once(key, effect, options);
      expect(await inbox.once(key, effect, options)).toBe('repeated');
      await vi.waitFor(async () => expect(await inbox.once(key, effect, options)).toBe('done'), {
        timeout: 20_000,
        interval: 100,
      });
      expect(effects).toBe(2);
    });

    it('a group that no subscription can have is refused', async () => {
      await expect(inbox.once({ group: '', eventId: 'e1' }, effect, options)).rejects.toMatchObject({
        code: 'INVALID_SUBJECT_TOKEN',
      });
      expect(effects).toBe(0);
    });
  });
}
