import { join } from 'node:path';
import { type AppConfig, duration, readConfig, secret } from '@pipit/bootstrap';
import ms from 'ms';
import { z } from 'zod';
import { wellFormedToken } from './admin/bearer-token.ts';

const longest = ms('30 days');

const variables = z.object({
  /** What `/admin` asks for. The token itself is not repeated where it is wrong. */
  ADMIN_TOKEN: z
    .string()
    .regex(wellFormedToken, 'must be letters, digits and - . _ ~ + /, as a bearer token is')
    .pipe(secret)
    .optional(),
  /** How long the moderation of a text may take. */
  MODERATION_DEADLINE: duration()
    .refine((milliseconds) => milliseconds <= longest, 'must be 30 days at most')
    .default(ms('1h')),
  /** Where dead letters are told of. Who knows it can post there. */
  SLACK_WEBHOOK_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .pipe(secret)
    .optional(),
});

export type BlogConfig = AppConfig<z.output<typeof variables>>;

/** What the environment does not say: data beside the example wherever it is started from, quiet logs. */
export function readSettings(env: NodeJS.ProcessEnv, folder: string): BlogConfig {
  const set = Object.entries(env).filter(([, value]) => value !== '');
  const defaults = { PIPIT_DATA_DIR: join(folder, '.pipit'), LOG_LEVEL: 'warn' };
  return readConfig({ variables }, { ...defaults, ...Object.fromEntries(set) });
}
