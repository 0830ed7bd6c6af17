import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';

export const UserRegistered = defineEvent('user-registered', z.object({ name: z.string() }));
export const UserRenamed = defineEvent('user-renamed', z.object({ name: z.string() }));
