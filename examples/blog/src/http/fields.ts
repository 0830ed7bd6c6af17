import { z } from 'zod';

const lone = 'holds half of a surrogate pair, which UTF-8 cannot carry';
const blank = 'is blank';

/** Text of one or many lines, any characters, kept as it is. */
export function text(longest: number) {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine((value) => /\S/u.test(value), blank)
    .refine((value) => value.isWellFormed(), lone);
}

/** Any text: whether it is somebody's id turns out when it is looked for. */
export function idOf(kind: string) {
  return z.object({ id: z.string().describe(`Id of the ${kind}`) });
}

export const referenceTo = (kind: string) => z.string().min(1).describe(`Id of the ${kind}`);
