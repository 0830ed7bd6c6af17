import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';

export const CommentAdded = defineEvent(
  'comment-added',
  z.object({ postId: z.string(), authorId: z.string(), text: z.string() }),
);
