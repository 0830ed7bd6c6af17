import { defineAggregate } from '@pipit/store';
import { PostDrafted, PostEdited, PostPublished } from './post-events.ts';

export interface PostState {
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
  readonly published: boolean;
}

export const Post = defineAggregate('post', {
  events: [PostDrafted, PostEdited, PostPublished],
  initial: undefined as PostState | undefined,
  evolve: {
    'post-drafted': (_, { data }) => ({ ...data, published: false }),
    'post-edited': (post, { data: { title, body } }) =>
      post && { ...post, title: title ?? post.title, body: body ?? post.body },
    'post-published': (post) => post && { ...post, published: true },
  },
});
