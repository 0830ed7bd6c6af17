import { expect, it } from 'vitest';
import { headerBlock } from './header-block.ts';

const block = headerBlock('NATS/1.0\r\nce-id: a\r\nNats-Sequence: 7\r\nce-odd:b \r\nce-id: twice\r\n\r\n');

it('reads values by exact name, trimmed, the first where a name stands twice', () => {
  expect(block.get('ce-id')).toBe('a');
  expect(block.get('ce-odd')).toBe('b');
  expect(block.get('Ce-Id')).toBeUndefined();
});

it("keeps the server's own headers apart from the message's", () => {
  expect([...block.names()]).toEqual(['ce-id', 'ce-odd']);
  expect(block.get('Nats-Sequence')).toBeUndefined();
  expect(block.ofServer('Nats-Sequence')).toBe('7');
  expect(block.ofServer('Nats-Subject')).toBeUndefined();
});

it('is empty where there are no headers', () => {
  expect(headerBlock('').get('ce-id')).toBeUndefined();
  expect([...headerBlock('NATS/1.0\r\n\r\n').names()]).toEqual([]);
});
