import type { NatsConnection } from '@nats-io/nats-core';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { kvRepository } from '../kv.ts';

declare const connection: NatsConnection;

test('rows have the type of their schema', () => {
  const row = z.object({ title: z.string(), likes: z.number() });
  const posts = kvRepository({ connection, name: 'posts', row, replicas: 3, storage: 'memory' });
  expectTypeOf(posts.get('a')).resolves.toEqualTypeOf<{ title: string; likes: number } | undefined>();
  void posts.find({ likes: { atLeast: 5 } });
  // @ts-expect-error a number is no text
  void posts.find({ title: 5 });
  // @ts-expect-error a field is missing
  void posts.save('a', { title: '' });
});
