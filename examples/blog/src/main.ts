import { fileURLToPath } from 'node:url';
import { StartInterruptedError } from '@pipit/bootstrap';
import { startBlog } from './blog.ts';
import { readSettings } from './settings.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));

try {
  const config = readSettings(process.env, folder);
  const { url, adminToken } = await startBlog({ config });
  console.log(config.variables.ADMIN_TOKEN === undefined ? `${url}\nadmin token: ${adminToken}` : url);
} catch (error) {
  if (!(error instanceof StartInterruptedError)) {
    console.error(error instanceof Error ? error.message : error);
    // A try to connect that nobody answered may leave a socket behind, which would keep the process waiting.
    process.exit(1);
  }
}
