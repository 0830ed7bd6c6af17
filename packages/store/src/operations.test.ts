import { expect, it } from 'vitest';
import { countOperations } from './operations.ts';

it('waits for what is under way, whether it succeeds or fails', async () => {
  const { counted, idle } = countOperations();
  await idle();
  const [one, two] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  const wait = counted((which: PromiseWithResolvers<number>) => which.promise);
  const [succeeding, failing] = [wait(one), wait(two)];
  let isIdle = false;
  const waiting = idle().then(() => {
    isIdle = true;
  });
  one.resolve(1);
  expect(await succeeding).toBe(1);
  expect(isIdle).toBe(false);
  two.reject(new Error('two'));
  await expect(failing).rejects.toThrow('two');
  await waiting;
});
