import { z } from 'zod';
import { logLevels } from './config.ts';
import {
  duration,
  nkeySeed,
  postgresUrl,
  readableFile,
  secret,
  serverUrls,
  text,
  wholeNumber,
  yesOrNo,
} from './config-fields.ts';

/** What a field is called in options and in the environment. */
interface Names {
  readonly option: string;
  readonly variable: string;
}

const names = z.registry<Names>();

function named<Schema extends z.ZodType>(option: string, variable: string, schema: Schema): Schema {
  names.add(schema, { option, variable });
  return schema;
}

const certificate = /-----BEGIN [A-Z ]*CERTIFICATE-----/;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const creds = /-----BEGIN NATS USER JWT-----[\s\S]+-----BEGIN USER NKEY SEED-----/;
const levels = `must be one of ${logLevels.join(', ')}`;

export const settingsSchema = z.object({
  url: named('nats.url', 'NATS_URL', serverUrls.optional()),
  user: named('nats.user', 'NATS_USER', text.optional()),
  password: named('nats.password', 'NATS_PASSWORD', secret.optional()),
  token: named('nats.token', 'NATS_TOKEN', secret.optional()),
  credentials: named('nats.credentials', 'NATS_CREDS', readableFile(creds, 'NATS credentials').optional()),
  nkey: named('nats.nkey', 'NATS_NKEY', nkeySeed.optional()),
  ca: named('nats.tls.ca', 'NATS_TLS_CA', readableFile(certificate, 'certificates in PEM').optional()),
  cert: named('nats.tls.cert', 'NATS_TLS_CERT', readableFile(certificate, 'a certificate in PEM').optional()),
  key: named('nats.tls.key', 'NATS_TLS_KEY', readableFile(privateKey, 'a private key in PEM').optional()),
  allowPlaintext: named('nats.allowPlaintext', 'PIPIT_ALLOW_PLAINTEXT', yesOrNo.default(false)),
  replicas: named('stream.num_replicas', 'PIPIT_STREAM_REPLICAS', wholeNumber(1, 5).optional()),
  maxAge: named('stream.max_age', 'PIPIT_STREAM_MAX_AGE', duration().optional()),
  maxBytes: named('stream.max_bytes', 'PIPIT_STREAM_MAX_BYTES', wholeNumber(1).optional()),
  port: named('http.port', 'PORT', wholeNumber(0, 65_535).default(3_000)),
  host: named('http.host', 'PIPIT_HTTP_HOST', text.default('localhost')),
  bodyLimit: named('http.bodyLimit', 'PIPIT_HTTP_BODY_LIMIT', wholeNumber(1).default(1_048_576)),
  requestTimeout: named('http.requestTimeout', 'PIPIT_HTTP_TIMEOUT', duration().default(30_000)),
  databaseUrl: named('databaseUrl', 'DATABASE_URL', postgresUrl.optional()),
  dataDir: named('dataDir', 'PIPIT_DATA_DIR', text.default('.pipit')),
  syncInterval: named(
    'syncInterval',
    'PIPIT_SYNC_INTERVAL',
    z.union([z.literal('always'), duration()], 'must be always, or a duration such as 10s').default(120_000),
  ),
  logLevel: named('logLevel', 'LOG_LEVEL', z.enum(logLevels, levels).default('info')),
  startTimeout: named('startTimeout', 'PIPIT_START_TIMEOUT', duration().default(30_000)),
  stopTimeout: named('stopTimeout', 'PIPIT_STOP_TIMEOUT', duration().default(10_000)),
});

export type Field = keyof typeof settingsSchema.shape;
export type Settings = z.output<typeof settingsSchema>;

export const fields = Object.keys(settingsSchema.shape) as readonly Field[];

export function namesOf(field: Field): Names {
  const found = names.get(settingsSchema.shape[field]);
  if (found === undefined) throw new Error(`The setting ${field} has no name.`);
  return found;
}

export const loginFields = ['user', 'password', 'token', 'credentials', 'nkey'] as const satisfies Field[];
