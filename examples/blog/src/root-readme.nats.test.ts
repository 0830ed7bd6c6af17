import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readmePrograms } from '@pipit/tooling/readme';

// As a newcomer runs them: no server named, so one is found or fetched.
const env = { NATS_URL: '', PIPIT_DATA_DIR: mkdtempSync(join(tmpdir(), 'pipit-readme-')) };

readmePrograms(import.meta.url, { readme: '../../README.md', env });
