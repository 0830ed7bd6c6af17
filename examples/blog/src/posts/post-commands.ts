import { release, reserve } from '@pipit/store';
import {
  AlreadyPublishedError,
  BeingPublishedError,
  NotFoundError,
  NotReservedError,
  TextChangedError,
} from '../refusals.ts';
import type { PostState } from './post.ts';
import { PostDrafted, PostEdited, PostPublished, PostSlugReleased, PostSlugReserved } from './post-events.ts';
import { slugOf } from './slug.ts';

/** What is published, and by whom. */
export interface Publishing {
  readonly postId: string;
  /** Of the text, as the author has asked for it. */
  readonly edition: number;
  readonly sagaId: string;
}

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

export function requireDraft(post: PostState | undefined): PostState {
  if (post === undefined) throw new NotFoundError('post');
  if (post.published) throw new AlreadyPublishedError();
  return post;
}

/** From here on the post belongs to one saga, which keeps any other from publishing it, and the slug to the post. */
export function reserveSlug(state: PostState | undefined, { postId, edition, sagaId }: Publishing) {
  const post = requireDraft(state);
  if (post.publishing !== undefined) throw new BeingPublishedError();
  if (post.edition !== edition) throw new TextChangedError();
  const slug = slugOf(post.title, postId);
  return [PostSlugReserved.create({ slug, sagaId }), reserve('slug', slug)];
}

/** Gives back what this saga has reserved, and nothing of any other. */
export function releaseSlug(post: PostState | undefined, { sagaId }: Publishing) {
  if (post?.publishing?.sagaId !== sagaId) return [];
  const { slug } = post.publishing;
  return [PostSlugReleased.create({ slug, sagaId }), release('slug', slug)];
}

/** Only the text that was checked. */
export function publishPost(state: PostState | undefined, { edition, sagaId }: Publishing) {
  const post = requireDraft(state);
  if (post.publishing?.sagaId !== sagaId) throw new NotReservedError();
  if (post.edition !== edition) throw new TextChangedError();
  return PostPublished.create({});
}
