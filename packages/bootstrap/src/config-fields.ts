import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readServerUrl, type ServerUrl } from './server-url.ts';

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

/** The path of a file that is there and looks like what is wanted; better to know at start than at a reconnect. */
export function readableFile(pattern: RegExp, wanted: string) {
  return z.string('must be the path of a file').superRefine((file, context) => {
    const problem = problemWith(file);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

  function problemWith(file: string): string | undefined {
    try {
      return pattern.test(readFileSync(file, 'utf8'))
        ? undefined
        : `names ${file}, which does not hold ${wanted}`;
    } catch (error) {
      return `names a file that cannot be read (${error instanceof Error ? error.message : String(error)})`;
    }
  }
}
