import { z } from 'zod';
import { logLevels } from './config.ts';
import { readableFile, serverUrls } from './config-fields.ts';

const text = z.string('must be text').min(1, 'is empty');

export const settingsSchema = z.object({
  url: serverUrls.optional(),
  user: text.optional(),
  password: text.optional(),
  token: text.optional(),
  credentials: readableFile(
    /-----BEGIN NATS USER JWT-----[\s\S]+-----BEGIN USER NKEY SEED-----/,
    'NATS credentials',
  ).optional(),
  ca: readableFile(/-----BEGIN [A-Z ]*CERTIFICATE-----/, 'certificates in PEM').optional(),
  cert: readableFile(/-----BEGIN [A-Z ]*CERTIFICATE-----/, 'a certificate in PEM').optional(),
  key: readableFile(/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key in PEM').optional(),
  dataDir: text.default('.pipit'),
  logLevel: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
});

export type Field = keyof typeof settingsSchema.shape;
export type Settings = z.output<typeof settingsSchema>;

export const optionOf: Readonly<Record<Field, string>> = {
  url: 'nats.url',
  user: 'nats.user',
  password: 'nats.password',
  token: 'nats.token',
  credentials: 'nats.credentials',
  ca: 'nats.tls.ca',
  cert: 'nats.tls.cert',
  key: 'nats.tls.key',
  dataDir: 'dataDir',
  logLevel: 'logLevel',
};

export const variableOf: Readonly<Record<Field, string>> = {
  url: 'NATS_URL',
  user: 'NATS_USER',
  password: 'NATS_PASSWORD',
  token: 'NATS_TOKEN',
  credentials: 'NATS_CREDS',
  ca: 'NATS_CA',
  cert: 'NATS_CERT',
  key: 'NATS_KEY',
  dataDir: 'DATA_DIR',
  logLevel: 'LOG_LEVEL',
};

export const loginFields = ['user', 'password', 'token', 'credentials'] as const;
