import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNatsServer } from '@pipit/nats-server';
import { writeCertificates } from '@pipit/tooling/certificates';
import { readmePrograms } from '@pipit/tooling/readme';
import { afterAll } from 'vitest';

const page = readFileSync(new URL('../security.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'pipit-security-'));
const { ca, cert, key } = writeCertificates(folder);

const [, configuration = ''] = /^```conf\n(.*?)^```$/ms.exec(page) ?? [];
const include = join(folder, 'roles.conf');
writeFileSync(include, configuration.replaceAll('/etc/nats', folder));

const server = await startNatsServer({ include });
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

readmePrograms(import.meta.url, {
  readme: 'security.md',
  env: {
    NATS_URL: server.url.replace('nats:', 'tls:'),
    NATS_TLS_CA: ca,
    NATS_TLS_CERT: cert,
    NATS_TLS_KEY: key,
  },
});
