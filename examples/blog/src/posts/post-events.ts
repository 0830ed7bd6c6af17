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

const reservation = z.object({ slug: z.string(), sagaId: z.string() });

/** A saga is publishing the post; the unique key `slug` is reserved in the same append. */
export const PostSlugReserved = defineEvent('post-slug-reserved', reservation);
/** That saga has given up; the key is released in the same append. */
export const PostSlugReleased = defineEvent('post-slug-released', reservation);
export const PostPublished = defineEvent('post-published', z.object({}));
