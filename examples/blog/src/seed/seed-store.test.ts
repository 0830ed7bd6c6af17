import { memoryStore } from '@pipit/store/memory';
import { expect, it } from 'vitest';
import { Comment } from '../comments/comment.ts';
import { Post } from '../posts/post.ts';
import { slugOf } from '../posts/slug.ts';
import { User } from '../users/user.ts';
import { seedPlan } from './plan.ts';
import { seedStore } from './seed-store.ts';

const sizes = { users: 20, posts: 300, comments: 900, seed: 7 };
const open = () => memoryStore({ name: 'blog', aggregates: [User, Post, Comment] });
const total = sizes.users + sizes.posts + sizes.comments;

it('a seeded store has users, drafts and published posts with their slugs, and comments behind their posts', async () => {
  const store = open();
  const told: number[] = [];
  const { events, found } = await seedStore(store, seedPlan(sizes), (done) => told.push(done));
  expect({ found, told: told.at(-1) }).toEqual({ found: 0, told: total });
  const counts = await Promise.all([User, Post, Comment].map((aggregate) => store.count(aggregate)));
  expect(counts).toEqual([sizes.users, sizes.posts, sizes.comments]);

  const seen = new Set<string>();
  let drafts = 0;
  let read = 0;
  for await (const { aggregate, type, data } of store.read()) {
    read += 1;
    seen.add(aggregate.id);
    if (type === 'comment-added') expect(seen).toContain(data.postId);
    if (type === 'post-drafted') {
      const { state } = await store.load(Post, aggregate.id);
      const holder = await store.keyOwner('slug', slugOf(data.title, aggregate.id));
      expect(holder?.id).toBe(state?.published ? aggregate.id : undefined);
      if (!state?.published) drafts += 1;
    }
  }
  expect(events).toBe(read);
  expect(drafts).toBeGreaterThan(10);
  expect(drafts).toBeLessThan(60);
});

it('seeding again writes what is not there yet, and nothing where all of it is', async () => {
  const [whole, cut] = [open(), open()];
  await seedStore(whole, seedPlan(sizes), () => {});
  const { phases } = seedPlan(sizes);
  await seedStore(cut, { phases: phases.slice(0, 2) }, () => {});
  expect(await seedStore(cut, seedPlan(sizes), () => {})).toMatchObject({
    ...{ events: sizes.comments, found: sizes.users + sizes.posts },
  });
  expect(await cut.position()).toBe(await whole.position());
  expect(await seedStore(cut, seedPlan(sizes), () => {})).toMatchObject({ events: 0, found: total });
  expect(await seedStore(cut, seedPlan({ ...sizes, seed: 8 }), () => {})).toMatchObject({ found: 0 });
});
