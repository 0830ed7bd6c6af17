import { expect, it } from 'vitest';
import { untilAborted } from './until-aborted.ts';

it('leaves no rejection behind that nobody handles, also where the signal has aborted already', async () => {
  const unhandled: unknown[] = [];
  const listen = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listen);
  const reason = new Error('enough');
  for (const signal of [AbortSignal.abort(reason), new AbortController().signal]) {
    const work = Promise.withResolvers<void>();
    const waiting = untilAborted(work.promise, signal).catch((error: unknown) => error);
    if (signal.aborted) expect(await waiting).toBe(reason);
    work.reject(new Error('late'));
    await waiting;
    // Node tells of them before the next turn.
    await new Promise(setImmediate);
  }
  process.off('unhandledRejection', listen);
  expect(unhandled).toEqual([]);
});
