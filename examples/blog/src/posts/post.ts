import { defineAggregate } from '@pipit/store';
import { PostDrafted, PostEdited, PostPublished, PostSlugReleased, PostSlugReserved } from './post-events.ts';

export interface PostState {
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
  readonly published: boolean;
  /** 1 for the draft, and one more with each edit. */
  readonly edition: number;
  /** The saga that is publishing it, and the slug that it holds meanwhile. */
  readonly publishing?: { readonly sagaId: string; readonly slug: string } | undefined;
}

export const Post = defineAggregate('post', {
  events: [PostDrafted, PostEdited, PostSlugReserved, PostSlugReleased, PostPublished],
  initial: undefined as PostState | undefined,
  evolve: {
    'post-drafted': (_, { data }) => ({ ...data, published: false, edition: 1 }),
    'post-edited': (post, { data: { title, body } }) =>
      post && { ...post, title: title ?? post.title, body: body ?? post.body, edition: post.edition + 1 },
    'post-slug-reserved': (post, { data }) => post && { ...post, publishing: data },
    'post-slug-released': (post) => post && { ...post, publishing: undefined },
    'post-published': (post) => post && { ...post, published: true, publishing: undefined },
  },
});
