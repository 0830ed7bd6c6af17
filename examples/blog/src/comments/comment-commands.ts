import type { CommentState } from './comment.ts';
import { CommentAdded } from './comment-events.ts';

export function addComment(comment: CommentState) {
  return CommentAdded.create(comment);
}
