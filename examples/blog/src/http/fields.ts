import { z } from 'zod';

const lone = 'holds half of a surrogate pair, which UTF-8 cannot carry';
const blank = 'is blank';
const nul = 'holds NUL, which PostgreSQL cannot keep';

/** Text of one or many lines, any characters that views can keep, as it is. */
export function text(longest: number) {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine((value) => /\S/u.test(value), blank)
    .refine((value) => value.isWellFormed(), lone)
    .refine((value) => !value.includes('\0'), nul);
}

/** A whole number in a query, without sign. */
export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}

/** Any text: whether it is somebody's id turns out when it is looked for. */
export function idOf(kind: string) {
  return z.object({ id: z.string().describe(`Id of the ${kind}`) });
}

export const referenceTo = (kind: string) => z.string().min(1).describe(`Id of the ${kind}`);
