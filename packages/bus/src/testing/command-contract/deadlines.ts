import { TimeoutError } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { CancelledError, NotHandledError } from '../../command-errors.ts';
import { Find, Touch } from '../command-definitions.ts';
import { settled, until } from '../until.ts';
import type { CommandsOfTest } from './opened.ts';

export function deadlineContract(test: CommandsOfTest): void {
  describe('a deadline', () => {
    it('ends the waiting, and aborts the signal of the handler', async () => {
      const { commands, log } = test();
      const reasons: unknown[] = [];
      await commands.handle(Touch, (_, { signal, deadline }) => {
        expect(Math.abs(deadline.getTime() - Date.now())).toBeLessThan(5_000);
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return new Promise(() => {});
      }).ready;
      const sent = commands.send(Touch, { id: 'p1' }, { timeout: 60 });
      await expect(sent).rejects.toThrow(TimeoutError);
      await expect(sent).rejects.toMatchObject({ code: 'TIMEOUT', timeout: 60 });
      await until(() => reasons.length === 1);
      expect(reasons[0]).toBeInstanceOf(TimeoutError);
      await until(() =>
        log.some((line) => line.startsWith('error The handler of Command touch did not finish')),
      );
    });

    it('frees the place of a handler that hangs', async () => {
      const { commands } = test();
      let calls = 0;
      const hanging = () => (++calls === 1 ? new Promise<undefined>(() => {}) : undefined);
      await commands.handle(Find, hanging, { concurrency: 1 }).ready;
      const first = settled(commands.send(Find, { id: 'p1' }, { timeout: 60 }));
      expect(await commands.send(Find, { id: 'p2' })).toBeUndefined();
      expect(await first).toMatchObject({ code: 'TIMEOUT' });
    });

    it('that passes while a request waits for its turn keeps it from being handled', async () => {
      const { commands, log } = test();
      const seen: string[] = [];
      const end = Promise.withResolvers<void>();
      const handler = ({ data }: { data: { id: string } }) => {
        seen.push(data.id);
        return data.id === 'p1' ? end.promise : undefined;
      };
      await commands.handle(Touch, handler, { concurrency: 1 }).ready;
      const first = commands.send(Touch, { id: 'p1' });
      await expect(commands.send(Touch, { id: 'p2' }, { timeout: 60 })).rejects.toThrow(TimeoutError);
      await until(() => log.some((line) => line.startsWith('warn Command touch was not begun')));
      end.resolve();
      await first;
      await commands.send(Touch, { id: 'p3' });
      expect(seen).toEqual(['p1', 'p3']);
    });

    it('makes an answer that comes too late of no interest', async () => {
      const { commands } = test();
      const late = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<void>();
      await commands.handle(Find, async ({ data }) => {
        if (data.id === 'p2') return { title: 'in time' };
        await late.promise;
        queueMicrotask(ended.resolve);
        return { title: 'late' };
      }).ready;
      await expect(commands.send(Find, { id: 'p1' }, { timeout: 60 })).rejects.toThrow(TimeoutError);
      late.resolve();
      await ended.promise;
      expect(await commands.send(Find, { id: 'p2' })).toEqual({ title: 'in time' });
    });
  });

  describe('a sender that aborts its signal', () => {
    it('waits no longer, and aborts the signal of the handler', async () => {
      const { commands } = test();
      const begun = Promise.withResolvers<void>();
      const reason = Promise.withResolvers<unknown>();
      await commands.handle(Touch, (_, { signal }) => {
        signal.addEventListener('abort', () => reason.resolve(signal.reason));
        begun.resolve();
        return reason.promise;
      }).ready;
      const controller = new AbortController();
      const sent = settled(
        commands.send(Touch, { id: 'p1' }, { signal: controller.signal, timeout: 60_000 }),
      );
      await begun.promise;
      const why = new Error('the browser has gone');
      controller.abort(why);
      expect(await sent).toBe(why);
      expect(await reason.promise).toBeInstanceOf(CancelledError);
    });

    it('takes back what waits for its turn', async () => {
      const { commands } = test();
      const seen: string[] = [];
      const end = Promise.withResolvers<void>();
      await commands.handle(Touch, ({ data }) => Promise.all([seen.push(data.id), end.promise]), {
        concurrency: 1,
      }).ready;
      const first = commands.send(Touch, { id: 'p1' });
      await until(() => seen.length === 1);
      const controller = new AbortController();
      const second = settled(commands.send(Touch, { id: 'p2' }, { signal: controller.signal }));
      const third = commands.send(Touch, { id: 'p3' });
      controller.abort();
      expect(await second).toMatchObject({ name: 'AbortError' });
      // What is sent later comes later: the cancellation has come when this is refused.
      await Promise.allSettled([commands.send(Find, { id: 'p4' })]);
      end.resolve();
      await Promise.all([first, third]);
      expect(seen).toEqual(['p1', 'p3']);
    });

    it('sends nothing where it was aborted before', async () => {
      const { commands } = test();
      const seen: string[] = [];
      await commands.handle(Touch, ({ data }) => seen.push(data.id)).ready;
      const sent = commands.send(Touch, { id: 'p1' }, { signal: AbortSignal.abort(new Error('no')) });
      await expect(sent).rejects.toThrow('no');
      await commands.send(Touch, { id: 'p2' });
      expect(seen).toEqual(['p2']);
    });
  });

  describe('a limit to what is handled at a time', () => {
    it('lets the rest wait, and refuses what is over that', async () => {
      const { commands } = test();
      let atATime = 0;
      let most = 0;
      const end = Promise.withResolvers<void>();
      const work = async () => {
        most = Math.max(most, ++atATime);
        await end.promise;
        atATime -= 1;
      };
      await commands.handle(Touch, work, { concurrency: 2, waiting: 3 }).ready;
      const sent = Array.from({ length: 7 }, (_, index) =>
        settled(commands.send(Touch, { id: `p${index}` })),
      );
      const refused = await Promise.all(sent.slice(5));
      for (const error of refused) {
        expect(error).toBeInstanceOf(NotHandledError);
        expect(error).toMatchObject({ code: 'NOT_HANDLED', reason: 'busy' });
      }
      end.resolve();
      expect(await Promise.all(sent.slice(0, 5))).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      expect(most).toBe(2);
    });
  });
}
