import type { Followers } from './follower-view.ts';
import type { Outbox } from './outbox.ts';

/** Tells those who follow a post that it is published, each once for a key. */
export async function tellFollowers(
  followersOf: (postId: string) => Promise<Followers | undefined>,
  outbox: Outbox,
  { postId, key }: { readonly postId: string; readonly key: string },
): Promise<void> {
  const { userIds } = (await followersOf(postId)) ?? { userIds: [] };
  for (const to of userIds)
    outbox.send({ id: `${key}/${to}`, to, postId, text: 'A post that you have commented on is published.' });
}
