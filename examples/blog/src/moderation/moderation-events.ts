import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';

/** What the moderation says of a text. The id of its aggregate is that of the saga that has asked. */
export const TextChecked = defineEvent('text-checked', z.object({ verdict: z.enum(['good', 'bad']) }));
