import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';

export const PostDrafted = defineEvent(
  'post-drafted',
  z.object({ authorId: z.string(), title: z.string(), body: z.string() }),
);
export const PostEdited = defineEvent(
  'post-edited',
  z.object({ title: z.string().optional(), body: z.string().optional() }),
);
export const PostPublished = defineEvent('post-published', z.object({}));
