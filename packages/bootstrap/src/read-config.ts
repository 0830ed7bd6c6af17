import type { StreamSettings } from '@pipit/store/jetstream';
import { z } from 'zod';
import type { AppConfig, ConfigOptions, TlsFiles, VariablesSchema } from './config.ts';
import { contradictions } from './config-contradictions.ts';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import type { Login } from './login.ts';
import { type Field, fields, loginFields, namesOf, type Settings, settingsSchema } from './settings.ts';

export interface ReadConfigOptions<Schema extends VariablesSchema = VariablesSchema> extends ConfigOptions {
  /** Further variables of the environment, the application's own. What is wrong with them is told with all else. */
  readonly variables?: Schema;
}

/**
 * Reads the options and, for what they leave open, the environment; an empty variable counts as not set. A login is one
 * thing: where options give any of it, none is taken from the environment.
 *
 * @throws ConfigError with everything that is wrong
 */
export function readConfig<Schema extends VariablesSchema = z.ZodObject<Record<never, never>>>(
  options: ReadConfigOptions<Schema> = {},
  env: NodeJS.ProcessEnv = process.env,
): AppConfig<z.output<Schema>> {
  const given = valuesOf(options);
  const loginGiven = loginFields.some((field) => given[field] !== undefined);
  const values: Partial<Record<Field, unknown>> = { ...given };
  const nameOf = (field: Field) =>
    given[field] === undefined ? namesOf(field).variable : namesOf(field).option;
  for (const field of fields) {
    const isLogin = loginFields.some((other) => other === field);
    const value = env[namesOf(field).variable];
    if (values[field] === undefined && value && !(isLogin && loginGiven)) values[field] = value;
  }

  const own = options.variables ?? z.object({});
  const settings = settingsSchema.safeParse(values);
  const variables = own.safeParse(variablesIn(env, own));
  const problems = [
    ...problemsOf(settings, (field) => nameOf(field as Field)),
    ...contradictions(settings.data ?? whatFits(values, settings.error), {
      nameOf,
      has: (field) => values[field] !== undefined,
    }),
    ...problemsOf(variables, (name) => name),
  ];
  if (!settings.success || !variables.success || problems.length > 0) throw new ConfigError(problems);
  return configOf(settings.data, options, variables.data as z.output<Schema>);
}

function configOf<Variables>(
  settings: Settings,
  options: ConfigOptions,
  variables: Variables,
): AppConfig<Variables> {
  return {
    nats: {
      servers: settings.url?.map(({ url }) => url),
      login: loginFrom(settings),
      tls: tlsFrom(settings),
    },
    stream: { ...streamFrom(settings), ...options.stream },
    http: {
      port: settings.port,
      host: settings.host,
      bodyLimit: settings.bodyLimit,
      requestTimeout: settings.requestTimeout,
    },
    databaseUrl: settings.databaseUrl,
    dataDir: settings.dataDir,
    syncInterval: settings.syncInterval,
    logLevel: settings.logLevel,
    startTimeout: settings.startTimeout,
    stopTimeout: settings.stopTimeout,
    variables,
  };
}

function valuesOf({
  nats: { tls, ...nats } = {},
  http,
  stream,
  ...plain
}: ConfigOptions): Partial<Record<Field, unknown>> {
  const given = Object.fromEntries(
    fields.map((field) => [field, (plain as Partial<Record<Field, unknown>>)[field]]),
  );
  return { ...given, ...nats, ...tls, ...http };
}

function variablesIn(env: NodeJS.ProcessEnv, schema: VariablesSchema) {
  const set = Object.keys(schema.shape).filter((name) => env[name]);
  return Object.fromEntries(set.map((name) => [name, env[name]]));
}

function problemsOf(
  { error }: z.ZodSafeParseResult<unknown>,
  nameOf: (field: string) => string,
): ConfigProblem[] {
  return (error?.issues ?? []).map(({ path, message }) => ({
    // What is wrong with several together has no path.
    field: path[0] === undefined ? 'variables' : nameOf(String(path[0])),
    message,
  }));
}

/** Without what is wrong by itself, so that what contradicts itself is told as well. */
function whatFits(values: Partial<Record<Field, unknown>>, error: z.ZodError | undefined): Settings {
  const wrong = new Set(error?.issues.map(({ path }) => path[0]));
  const right = Object.entries(values).filter(([field]) => !wrong.has(field));
  return settingsSchema.parse(Object.fromEntries(right));
}

function loginFrom({ url, user, password, token, credentials, nkey }: Settings): Login | undefined {
  if (user !== undefined && password !== undefined) return { kind: 'password', user, password };
  if (token !== undefined) return { kind: 'token', token };
  if (credentials !== undefined) return { kind: 'credentials', file: credentials };
  if (nkey !== undefined) return { kind: 'nkey', seed: nkey };
  return url?.find(({ login }) => login !== undefined)?.login;
}

function tlsFrom({ url, ca, cert, key }: Settings): TlsFiles | undefined {
  const asked = url?.some(({ tls }) => tls) ?? false;
  if (!asked && ca === undefined && cert === undefined) return undefined;
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/** JetStream counts ages in nanoseconds. */
function streamFrom({ replicas, maxAge, maxBytes }: Settings): StreamSettings {
  return {
    ...(replicas !== undefined && { num_replicas: replicas }),
    ...(maxAge !== undefined && { max_age: maxAge * 1_000_000 }),
    ...(maxBytes !== undefined && { max_bytes: maxBytes }),
  };
}
