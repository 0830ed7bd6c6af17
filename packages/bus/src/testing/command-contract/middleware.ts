import { currentTrace, TimeoutError, withTrace } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { InvalidCommandOptionError } from '../../command-errors.ts';
import type { RequestMiddleware } from '../../commands/request-middleware.ts';
import { Find, Touch } from '../command-definitions.ts';
import { until } from '../until.ts';
import type { CommandsOfTest } from './opened.ts';

export function middlewareContract(test: CommandsOfTest): void {
  describe('middleware around handlers', () => {
    it('sees every call, the first outermost, and what it returns or throws is the answer', async () => {
      const calls: string[] = [];
      const named =
        (name: string): RequestMiddleware =>
        async ({ kind, type, data }, next) => {
          calls.push(`${name} ${kind} ${type} ${JSON.stringify(data)}`);
          if (name === 'inner' && type === 'touch') {
            throw Object.assign(new Error('not today'), { code: 'CLOSED' });
          }
          const answer = await next();
          calls.push(`${name} ends`);
          return answer;
        };
      const instance = await test().instance({ use: [named('outer'), named('inner')] });
      let touched = 0;
      await instance.handle(Find, ({ data }) => ({ title: data.id })).ready;
      await instance.handle(Touch, () => {
        touched += 1;
      }).ready;
      expect(await test().commands.send(Find, { id: 'p1' })).toEqual({ title: 'p1' });
      expect(calls.splice(0)).toEqual([
        'outer query find {"id":"p1"}',
        'inner query find {"id":"p1"}',
        'inner ends',
        'outer ends',
      ]);
      await expect(test().commands.send(Touch, { id: 'p1' })).rejects.toMatchObject({ code: 'CLOSED' });
      expect(calls).toEqual(['outer command touch {"id":"p1"}', 'inner command touch {"id":"p1"}']);
      expect(touched).toBe(0);
    });

    it('may answer instead of a handler, where that is an answer', async () => {
      const answers: unknown[] = [{ title: 'cached' }, { title: 7 }];
      const instance = await test().instance({ use: [() => answers.shift()] });
      await instance.handle(Find, () => undefined).ready;
      expect(await test().commands.send(Find, { id: 'p1' })).toEqual({ title: 'cached' });
      await expect(test().commands.send(Find, { id: 'p1' })).rejects.toMatchObject({
        code: 'INVALID_ANSWER',
      });
    });

    it('has the trace of the sender, and gives it to the handler', async () => {
      const traces: unknown[] = [];
      const instance = await test().instance({
        use: [
          (_, next) => {
            traces.push(currentTrace());
            return next();
          },
        ],
      });
      await instance.handle(Touch, () => void traces.push(currentTrace())).ready;
      const send = () => test().commands.send(Touch, { id: 'p1' });
      await withTrace({ correlationId: 'c1' }, send);
      expect(traces).toMatchObject([{ correlationId: 'c1' }, { correlationId: 'c1' }]);
    });

    it('that hangs ends at the deadline of the sender, its signal aborted, and harms no other call', async () => {
      const reasons: unknown[] = [];
      const instance = await test().instance({
        use: [
          ({ type, context: { signal } }, next) => {
            if (type === 'find') return next();
            signal.addEventListener('abort', () => reasons.push(signal.reason));
            return new Promise(() => {});
          },
        ],
      });
      await instance.handle(Touch, () => {}).ready;
      await instance.handle(Find, () => undefined).ready;
      await expect(test().commands.send(Touch, { id: 'p1' }, { timeout: 100 })).rejects.toThrow(TimeoutError);
      await until(() => reasons.length === 1);
      expect(reasons[0]).toMatchObject({ code: 'TIMEOUT' });
      expect(await test().commands.send(Find, { id: 'p1' })).toBeUndefined();
    });

    it('that is no function is refused', async () => {
      const opening = (async () => test().instance({ use: ['log' as never] }))();
      await expect(opening).rejects.toThrow(InvalidCommandOptionError);
      await expect(opening).rejects.toMatchObject({ option: 'use[0]' });
    });
  });
}
