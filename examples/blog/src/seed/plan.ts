import type { Change } from '@pipit/store';
import { v7 } from 'uuid';
import { Comment } from '../comments/comment.ts';
import { addComment } from '../comments/comment-commands.ts';
import { Post } from '../posts/post.ts';
import { draftPost, publishPost, reserveSlug } from '../posts/post-commands.ts';
import { pick, type Random, randomFrom } from '../random.ts';
import { User } from '../users/user.ts';
import { registerUser } from '../users/user-commands.ts';
import { someName, someText } from './words.ts';

export interface SeedSizes {
  readonly users: number;
  readonly posts: number;
  readonly comments: number;
  /** The same one makes the same users, posts and comments, with the same ids. */
  readonly seed: number;
}

export type SeedChange = Change<typeof User> | Change<typeof Post> | Change<typeof Comment>;

/** Aggregates that are new to the store, in groups that stand on those before. */
export interface SeedPlan {
  readonly phases: readonly { readonly of: string; readonly changes: readonly SeedChange[] }[];
}

const published = 0.9;
const firstDay = Date.UTC(2026, 0, 1);

/** Through the commands of the blog, so that what they make of it is what a day's work would have left behind. */
export function seedPlan({ users, posts, comments, seed }: SeedSizes): SeedPlan {
  const random = randomFrom(seed);
  const ids = (count: number) =>
    Array.from({ length: count }, (_, index) => idAt(random, firstDay + index * 1_000));
  const userIds = ids(users);
  const postIds = ids(posts);
  return {
    phases: [
      {
        of: 'users',
        changes: userIds.map((id) => ({
          ...{ aggregate: User, id, expected: 'none' },
          events: registerUser(someName(random)),
        })),
      },
      {
        of: 'posts',
        changes: postIds.map((id, index) => ({
          ...{ aggregate: Post, id, expected: 'none' },
          events: newPost(random, { id, authorId: pick(random, userIds), number: `${seed}-${index + 1}` }),
        })),
      },
      {
        of: 'comments',
        changes: ids(comments).map((id) => ({
          ...{ aggregate: Comment, id, expected: 'none' },
          events: addComment({
            postId: pick(random, postIds),
            authorId: pick(random, userIds),
            text: someText(random, 12),
          }),
        })),
      },
    ],
  };
}

/** A draft, or what the saga leaves of a post that it publishes. */
function newPost(
  random: Random,
  { id, authorId, number }: { readonly id: string; readonly authorId: string; readonly number: string },
): Change<typeof Post>['events'] {
  const draft = { authorId, title: `${someText(random, 4)} ${number}`, body: someText(random, 80) };
  const drafted = draftPost(draft);
  if (random() >= published) return drafted;
  const publishing = { postId: id, edition: 1, sagaId: idAt(random, firstDay) };
  const state = { ...draft, published: false, edition: 1 };
  const reserved = reserveSlug(state, publishing);
  const held = { ...state, publishing: { sagaId: publishing.sagaId, slug: '' } };
  return [drafted, ...reserved, publishPost(held, publishing)];
}

function idAt(random: Random, msecs: number): string {
  const bytes = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
  return v7({ msecs, random: bytes, seq: Math.floor(random() * 2 ** 31) });
}
