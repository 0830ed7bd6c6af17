import { expect, it } from 'vitest';
import { Registered, User } from '../blog.fixture.ts';
import { run, store } from '../blog-store.fixture.ts';
import { defineProjection } from '../define-projection.ts';
import { memoryRepository } from '../memory.ts';

it('surrounds the taking in of batches that hold events, and hears which event stopped one', async () => {
  const heard: string[] = [];
  const register = (name: string) => store.append(User, name, Registered.create({ name }));
  const names = defineProjection({
    name: 'names',
    from: [User],
    on: {
      'user-registered': (_, { data }) => {
        if (data.name === 'Bob') throw new RangeError('no Bobs');
        return data;
      },
    },
    into: memoryRepository<{ readonly name: string }>(),
  });
  const projection = run(store, names, {
    async aroundBatch({ events }, take) {
      const of = events.map(({ position }) => position).join();
      try {
        await take();
        heard.push(`${of} taken`);
      } catch (error) {
        heard.push(`${of} stopped at ${(error as { event?: { position: number } }).event?.position}`);
        throw error;
      }
    },
  });
  await projection.waitFor(await register('Ada'));
  await register('Bob');
  await expect(projection.closed).rejects.toMatchObject({ position: 2 });
  expect(heard).toEqual(['1 taken', '2 stopped at 2']);
});
