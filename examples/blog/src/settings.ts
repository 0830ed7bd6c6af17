import { join } from 'node:path';
import ms, { type StringValue } from 'ms';
import { wellFormedToken } from './admin/bearer-token.ts';
import type { BlogOptions } from './blog.ts';
import { isPostgresUrl } from './database/postgres-url.ts';

/** What the environment does not say: port 3000, data beside the example wherever it is started from, quiet logs. */
export function readSettings(env: NodeJS.ProcessEnv, folder: string): BlogOptions {
  return {
    port: readPort(env['PORT'] || '3000'),
    dataDir: env['DATA_DIR'] || join(folder, '.pipit'),
    ...(env['DATABASE_URL'] && { databaseUrl: readDatabaseUrl(env['DATABASE_URL']) }),
    ...(env['LOG_LEVEL'] ? {} : { logLevel: 'warn' }),
    ...(env['ADMIN_TOKEN'] && { adminToken: readToken(env['ADMIN_TOKEN']) }),
    ...(env['MODERATION_DEADLINE'] && { moderationDeadline: readDeadline(env['MODERATION_DEADLINE']) }),
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`PORT must be a number from 0 to 65535, not ${JSON.stringify(text)}.`);
}

/** In milliseconds. A number without a unit is refused, since some would mean seconds. */
function readDeadline(text: string): number {
  const duration = /[a-z]$/i.test(text) && text.length <= 100 ? ms(text as StringValue) : undefined;
  if (duration !== undefined && duration >= 1 && duration <= ms('30 days')) return duration;
  throw new Error(
    `MODERATION_DEADLINE must be a duration such as 5s or 1h, 30 days at most, not ${JSON.stringify(text)}.`,
  );
}

/** The token itself is not repeated. */
function readToken(text: string): string {
  if (wellFormedToken.test(text)) return text;
  throw new Error('ADMIN_TOKEN must be letters, digits and - . _ ~ + /, as a bearer token is.');
}

/** It may hold a password, so it is not repeated. */
function readDatabaseUrl(text: string): string {
  if (isPostgresUrl(text)) return text;
  throw new Error(
    'DATABASE_URL must be like postgres://user:password@host:5432/database, with what is special in user or password percent-encoded.',
  );
}
