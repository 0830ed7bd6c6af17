import { defineAggregate } from '@pipit/store';
import { CommentAdded } from './comment-events.ts';

export interface CommentState {
  readonly postId: string;
  readonly authorId: string;
  readonly text: string;
}

export const Comment = defineAggregate('comment', {
  events: [CommentAdded],
  initial: undefined as CommentState | undefined,
  evolve: { 'comment-added': (_, { data }) => data },
});
