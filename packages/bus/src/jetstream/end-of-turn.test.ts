import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { atEndOfTurn, sendGathered } from './end-of-turn.ts';

it('sends what a turn has gathered at its end, at one go and in its order', async () => {
  const sent: string[] = [];
  atEndOfTurn(() => {
    sent.push('a');
    void Promise.resolve().then(() => sent.push('the end of one go'));
  });
  await Promise.resolve();
  atEndOfTurn(() => sent.push('b'));
  expect(sent).toEqual([]);
  await setImmediate();
  expect(sent).toEqual(['a', 'b', 'the end of one go']);
});

it('sends earlier when it is told to, and nothing twice', async () => {
  const sent: string[] = [];
  atEndOfTurn(() => sent.push('a'));
  sendGathered();
  expect(sent).toEqual(['a']);
  atEndOfTurn(() => sent.push('b'));
  await setImmediate();
  expect(sent).toEqual(['a', 'b']);
});

it('leaves what is asked for meanwhile to the end of the next turn', async () => {
  const sent: string[] = [];
  atEndOfTurn(() => atEndOfTurn(() => sent.push('later')));
  await setImmediate();
  expect(sent).toEqual([]);
  await setImmediate();
  expect(sent).toEqual(['later']);
});
