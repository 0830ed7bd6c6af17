import { expect, it } from 'vitest';
import { createOutbox } from './outbox.ts';

const notification = (id: string) => ({ id, to: 'ada', postId: 'p1', commentId: 'c1', text: 'Hello' });

it('sends what it is given, once for each event', () => {
  const outbox = createOutbox();
  for (const id of ['e1', 'e2', 'e1']) outbox.send(notification(id));
  expect(outbox.sent).toEqual([notification('e1'), notification('e2')]);
});

it('fails when it is told to, and sends nothing then', () => {
  const outbox = createOutbox();
  outbox.setFailing(true);
  expect(() => outbox.send(notification('e1'))).toThrow('made to fail');
  expect(outbox).toMatchObject({ failing: true, sent: [] });
  outbox.setFailing(false);
  outbox.send(notification('e1'));
  expect(outbox.sent).toHaveLength(1);
});

it('remembers the last thousand', () => {
  const outbox = createOutbox();
  for (let count = 0; count <= 1_000; count += 1) outbox.send(notification(`e${count}`));
  expect(outbox.sent.map(({ id }) => id)).toEqual(
    Array.from({ length: 1_000 }, (_, index) => `e${index + 1}`),
  );
});
