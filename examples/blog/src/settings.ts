import { join } from 'node:path';
import { wellFormedToken } from './admin/bearer-token.ts';
import type { BlogOptions } from './blog.ts';

/** What the environment does not say: port 3000, data beside the example wherever it is started from, quiet logs. */
export function readSettings(env: NodeJS.ProcessEnv, folder: string): BlogOptions {
  return {
    port: readPort(env['PORT'] || '3000'),
    ...(env['DATA_DIR'] ? {} : { dataDir: join(folder, '.pipit') }),
    ...(env['LOG_LEVEL'] ? {} : { logLevel: 'warn' }),
    ...(env['ADMIN_TOKEN'] && { adminToken: readToken(env['ADMIN_TOKEN']) }),
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`PORT must be a number from 0 to 65535, not ${JSON.stringify(text)}.`);
}

/** The token itself is not repeated. */
function readToken(text: string): string {
  if (wellFormedToken.test(text)) return text;
  throw new Error('ADMIN_TOKEN must be letters, digits and - . _ ~ + /, as a bearer token is.');
}
