import { readFileSync } from 'node:fs';
import { nkeys } from '@nats-io/nats-core';
import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import { Secret } from './secret.ts';
import { readServerUrl, type ServerUrl } from './server-url.ts';

export const text = z.string('must be text').min(1, 'is empty');

export const secret = text.transform((value) => new Secret(value));

/** One NATS URL, or several with commas between. */
export const serverUrls = z.string('must be text').transform((value, context): readonly ServerUrl[] =>
  value.split(',').flatMap((text) => {
    const url = readServerUrl(text);
    if (typeof url !== 'string') return [url];
    // The value itself may hold a password, so it is not repeated.
    context.issues.push({ code: 'custom', message: url, input: undefined });
    return [];
  }),
);

/** The URL of a PostgreSQL, which a driver can make something of. */
export const postgresUrl = z
  .string('must be text')
  .refine(
    isPostgresUrl,
    'must be like postgres://user:password@host:5432/database, with what is special in user or password percent-encoded',
  )
  .transform((url) => new Secret(url));

function isPostgresUrl(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text);
    decodeURIComponent(username + password);
    return protocol === 'postgres:' || protocol === 'postgresql:';
  } catch {
    return false;
  }
}

/** The path of a file that is there and looks like what is wanted; better to know at start than at a reconnect. */
export function readableFile(pattern: RegExp, wanted: string) {
  return z.string('must be the path of a file').superRefine((file, context) => {
    const content = contentOf(file);
    if (content instanceof Error) context.addIssue({ code: 'custom', message: content.message });
    else if (!pattern.test(content)) {
      context.addIssue({ code: 'custom', message: `names ${file}, which does not hold ${wanted}` });
    }
  });
}

/** A user's nkey: its seed, or the path of a file with it. */
export const nkeySeed = z.string('must be text').transform((value, context) => {
  // What looks like a seed, be it a broken one, is not repeated as the name of a file.
  const content = /^S[A-Z2-7]{20,}$/.test(value.trim()) ? value : contentOf(value);
  if (content instanceof Error) {
    context.issues.push({ code: 'custom', message: content.message, input: undefined });
    return z.NEVER;
  }
  const seed = content.match(/\bS[A-Z2-7]{20,}\b/)?.[0] ?? '';
  if (isUserSeed(seed)) return new Secret(seed);
  context.issues.push({
    code: 'custom',
    message: 'must be the seed of a user’s nkey, SU…, or the path of a file that holds one',
    input: undefined,
  });
  return z.NEVER;
});

function isUserSeed(seed: string): boolean {
  try {
    const key = nkeys.fromSeed(new TextEncoder().encode(seed));
    return seed.length === 58 && key.getPublicKey().startsWith('U');
  } catch {
    return false;
  }
}

function contentOf(file: string): string | Error {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // The path itself is not repeated: it may be what the file should hold, a key for instance.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return new Error(`names a file that cannot be read (${code})`);
  }
}

/** A number in code, digits in the environment. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  const message = `must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], message)
    .refine((value) => Number.isSafeInteger(value) && value >= least && value <= most, message);
}

const longest = ms('100y');

/**
 * A duration in milliseconds: a number in code, text with a unit in the environment, since a number alone would mean
 * seconds to some.
 */
export function duration(message = 'must be a duration with its unit, such as 500ms, 30s or 90d') {
  const inText = z.string().transform((value) => {
    const milliseconds = /[a-z]$/i.test(value) && value.length <= 100 ? ms(value as StringValue) : undefined;
    return milliseconds ?? Number.NaN;
  });
  return z.union([z.number(), inText], message).refine((value) => value >= 1 && value <= longest, message);
}

/** A boolean in code, `yes` or `no` in the environment. */
export const yesOrNo = z.union(
  [
    z.boolean(),
    z.enum(['yes', 'true', '1', 'no', 'false', '0']).transform((text) => /^(yes|true|1)$/.test(text)),
  ],
  'must be yes or no',
);
