import { describe, expect, it } from 'vitest';
import { Touch } from '../command-definitions.ts';
import type { CommandsOfTest } from './opened.ts';

export function sharingContract(test: CommandsOfTest): void {
  describe('instances that handle the same', () => {
    it('share the work, and each request is handled once', async () => {
      const handled: string[][] = [[], [], []];
      for (const seen of handled) {
        const instance = await test().instance();
        await instance.handle(Touch, ({ data }) => seen.push(data.id)).ready;
      }
      const ids = Array.from({ length: 300 }, (_, index) => `p${index}`);
      await Promise.all(ids.map((id) => test().commands.send(Touch, { id })));
      expect(handled.flat().toSorted()).toEqual(ids.toSorted());
      for (const seen of handled) expect(seen.length).toBeGreaterThan(0);
    });

    it('go on when one of them leaves, and nothing that was sent is lost', async () => {
      const handled: string[] = [];
      const [staying, leaving] = [await test().instance(), await test().instance()];
      for (const instance of [staying, leaving]) {
        const handler = async ({ data }: { data: { id: string } }) => {
          await new Promise(setImmediate);
          handled.push(data.id);
        };
        await instance.handle(Touch, handler).ready;
      }
      const ids = Array.from({ length: 400 }, (_, index) => `p${index}`);
      const sent: Promise<unknown>[] = [];
      let stopped: Promise<void> | undefined;
      for (const id of ids) {
        sent.push(test().commands.send(Touch, { id }));
        if (sent.length === 150) stopped = leaving.stop();
        if (sent.length % 10 === 0) await new Promise(setImmediate);
      }
      await Promise.all(sent);
      await stopped;
      expect(handled.toSorted()).toEqual(ids.toSorted());
    });
  });
}
