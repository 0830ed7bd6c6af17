import { AlreadyPublishedError, NotFoundError } from '../refusals.ts';
import type { PostState } from './post.ts';
import { PostDrafted, PostEdited, PostPublished } from './post-events.ts';

export function draftPost(post: {
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
}) {
  return PostDrafted.create(post);
}

/** The event holds what changes; where nothing does, there is none. */
export function editPost(
  post: PostState | undefined,
  { title, body }: { readonly title?: string | undefined; readonly body?: string | undefined },
) {
  if (post === undefined) throw new NotFoundError('post');
  const changes = {
    ...(title !== undefined && title !== post.title && { title }),
    ...(body !== undefined && body !== post.body && { body }),
  };
  return Object.keys(changes).length === 0 ? [] : PostEdited.create(changes);
}

export function publishPost(post: PostState | undefined) {
  if (post === undefined) throw new NotFoundError('post');
  if (post.published) throw new AlreadyPublishedError();
  return PostPublished.create({});
}
