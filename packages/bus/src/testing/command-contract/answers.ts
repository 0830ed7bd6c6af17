import { currentTrace, withTrace } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { Find, Oddly, Packed, Rename, Touch } from '../command-definitions.ts';
import type { CommandsOfTest } from './opened.ts';

export function answerContract(test: CommandsOfTest): void {
  describe('a command or query', () => {
    it('is answered by its handler', async () => {
      const { commands } = test();
      await commands.handle(Rename, ({ type, data }) => ({ revision: `${type} ${data.title}`.length })).ready;
      await commands.handle(Find, async ({ data }) => ({ title: data.id })).ready;
      expect(await commands.send(Rename, { id: 'p1', title: 'Hello' })).toEqual({ revision: 12 });
      expect(await commands.send(Find, { id: 'p1' })).toEqual({ title: 'p1' });
    });

    it('without a result answers undefined, whatever its handler returns', async () => {
      const { commands } = test();
      const handled: string[] = [];
      await commands.handle(Touch, async ({ data }) => handled.push(data.id)).ready;
      expect(await commands.send(Touch, { id: 'p1' })).toBeUndefined();
      expect(handled).toEqual(['p1']);
    });

    it('may be answered with undefined where its schema takes that', async () => {
      const { commands } = test();
      await commands.handle(Find, () => undefined).ready;
      expect(await commands.send(Find, { id: 'p1' })).toBeUndefined();
    });

    it('may have any name', async () => {
      const { commands } = test();
      await commands.handle(Oddly, ({ type, data }) => ({ text: `${type} ${data.text}` })).ready;
      expect(await commands.send(Oddly, { text: 'a\r\nb' })).toEqual({ text: 'odd. name *>=🐦 a\r\nb' });
    });

    it('travels in the codec of its definition, and so does the answer', async () => {
      const { commands } = test();
      const bytes = Uint8Array.of(0, 255);
      await commands.handle(Packed, ({ data }) => ({ at: new Date(data.at.getTime() + 1), bytes })).ready;
      expect(await commands.send(Packed, { at: new Date(5) })).toEqual({ at: new Date(6), bytes });
    });

    it('gets its own answer, however many are under way', async () => {
      const { commands } = test();
      await commands.handle(Find, async ({ data }) => ({ title: data.id })).ready;
      const ids = Array.from({ length: 500 }, (_, index) => `p${index}`);
      const answers = await Promise.all(ids.map((id) => commands.send(Find, { id })));
      expect(answers.map((answer) => answer?.title)).toEqual(ids);
    });

    it('may be sent by a handler', async () => {
      const { commands } = test();
      await commands.handle(Find, ({ data }) => ({ title: data.id })).ready;
      await commands.handle(Rename, async ({ data }) => {
        const found = await commands.send(Find, { id: data.id });
        return { revision: found?.title.length ?? 0 };
      }).ready;
      expect(await commands.send(Rename, { id: 'four', title: '' })).toEqual({ revision: 4 });
    });
  });

  describe("the sender's trace", () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const trace = { correlationId: 'chain é\n1', causationId: 'operation 1', traceparent };

    it('is the trace of the handler, also after an await', async () => {
      const { commands } = test();
      const seen: unknown[] = [];
      await commands.handle(Touch, async () => {
        seen.push(currentTrace());
        await Promise.resolve();
        seen.push(currentTrace());
      }).ready;
      await withTrace(trace, () => commands.send(Touch, { id: 'p1' }));
      expect(seen).toEqual([trace, trace]);
    });

    it('is none where the sender has none', async () => {
      const { commands } = test();
      const seen: unknown[] = [];
      await withTrace({ correlationId: 'of who handles it' }, () =>
        commands.handle(Touch, () => seen.push(currentTrace())),
      ).ready;
      await commands.send(Touch, { id: 'p1' });
      expect(seen).toEqual([{}]);
    });
  });
}
