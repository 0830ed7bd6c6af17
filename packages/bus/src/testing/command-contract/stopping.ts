import { describe, expect, it } from 'vitest';
import { StoppedError } from '../../bus-errors.ts';
import { NotHandledError, OutcomeUnknownError } from '../../command-errors.ts';
import { Find, Touch } from '../command-definitions.ts';
import { settled, until } from '../until.ts';
import type { CommandsOfTest } from './opened.ts';

export function stopContract(test: CommandsOfTest): void {
  describe('a stop', () => {
    it('lets handlers under way answer, and what waits for its turn as well', async () => {
      const { commands } = test();
      const instance = await test().instance();
      const end = Promise.withResolvers<void>();
      const seen: string[] = [];
      const handling = instance.handle(Touch, ({ data }) => Promise.all([seen.push(data.id), end.promise]), {
        concurrency: 1,
      });
      await handling.ready;
      const sent = [commands.send(Touch, { id: 'p1' }), commands.send(Touch, { id: 'p2' })];
      await until(() => seen.length === 1);
      const stopped = handling.stop();
      // One that comes before the stop is known waits behind the others, and not for as long as they do.
      const send = () => commands.send(Touch, { id: 'p3' }, { timeout: 500 });
      await until(async () => (await settled(send())) !== undefined);
      end.resolve();
      await Promise.all(sent);
      await stopped;
      // The third may have come before the stop was known, and then it waited its turn as well.
      expect(seen.slice(0, 2)).toEqual(['p1', 'p2']);
    });

    it('is bounded: what takes longer is aborted, and its sender told that the outcome is unknown', async () => {
      const { commands, log } = test();
      const instance = await test().instance();
      const reasons: unknown[] = [];
      await instance.handle(
        Touch,
        (_, { signal }) => {
          signal.addEventListener('abort', () => reasons.push(signal.reason));
          return new Promise(() => {});
        },
        { concurrency: 1 },
      ).ready;
      const first = settled(commands.send(Touch, { id: 'p1' }, { timeout: 60_000 }));
      const second = settled(commands.send(Touch, { id: 'p2' }, { timeout: 60_000 }));
      await until(async () => {
        await settled(commands.send(Find, { id: 'p1' }));
        return true;
      });
      await instance.stop({ timeout: 100 });
      expect(await first).toBeInstanceOf(OutcomeUnknownError);
      expect(await first).toMatchObject({ code: 'OUTCOME_UNKNOWN', reason: 'handler-stopped' });
      expect(await second).toBeInstanceOf(NotHandledError);
      expect(await second).toMatchObject({ reason: 'stopping' });
      expect(reasons[0]).toBeInstanceOf(StoppedError);
      expect(log.filter((line) => line.includes('stops without waiting for 1 handlers'))).toHaveLength(1);
    });

    it('lets handlers under way send, and waits for what was sent', async () => {
      const { commands } = test();
      const instance = await test().instance();
      await commands.handle(Find, ({ data }) => ({ title: data.id })).ready;
      const begun = Promise.withResolvers<void>();
      const go = Promise.withResolvers<void>();
      await instance.handle(Touch, async () => {
        begun.resolve();
        await go.promise;
        await instance.send(Find, { id: 'p1' });
      }).ready;
      const sent = commands.send(Touch, { id: 'p1' });
      await begun.promise;
      const own = instance.send(Find, { id: 'p2' });
      const stopped = instance.stop();
      go.resolve();
      expect(await sent).toBeUndefined();
      expect(await own).toEqual({ title: 'p2' });
      await stopped;
    });

    it('gives up waiting for answers when its time is up', async () => {
      const { commands } = test();
      const instance = await test().instance();
      await commands.handle(Touch, () => new Promise(() => {})).ready;
      const sent = settled(instance.send(Touch, { id: 'p1' }, { timeout: 2_000 }));
      await instance.stop({ timeout: 50 });
      expect(await sent).toMatchObject({ code: 'OUTCOME_UNKNOWN', reason: 'stopped' });
    });

    it('refuses what comes after it', async () => {
      const { commands } = test();
      await commands.stop();
      await commands.stop();
      expect(() => commands.handle(Touch, () => {})).toThrow(StoppedError);
      await expect(commands.send(Touch, { id: 'p1' })).rejects.toThrow(StoppedError);
    });

    it('comes by a signal as well, and rejects ready where it comes first', async () => {
      const { commands } = test();
      const controller = new AbortController();
      const handling = commands.handle(Touch, () => {}, { signal: controller.signal });
      await handling.ready;
      controller.abort();
      await handling.stop();
      await expect(commands.send(Touch, { id: 'p1' })).rejects.toMatchObject({ code: 'NO_HANDLER' });
      const never = commands.handle(Touch, () => {}, { signal: AbortSignal.abort() });
      await expect(never.ready).rejects.toThrow(StoppedError);
    });
  });
}
