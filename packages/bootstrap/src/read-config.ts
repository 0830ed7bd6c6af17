import type { AppConfig, ConfigOptions, TlsFiles } from './config.ts';
import { contradictions } from './config-contradictions.ts';
import { ConfigError } from './config-error.ts';
import type { Login } from './login.ts';
import { type Field, loginFields, optionOf, type Settings, settingsSchema, variableOf } from './settings.ts';

/**
 * Reads the options and, for what they leave open, the environment; an empty variable counts as not set. A login is one
 * thing: where options give any of it, none is taken from the environment.
 *
 * @throws ConfigError with everything that is wrong
 */
export function readConfig(
  options: ConfigOptions,
  env: NodeJS.ProcessEnv,
): { readonly config: AppConfig; readonly login: Login | undefined } {
  const { dataDir, logLevel, nats: { tls, ...nats } = {} } = options;
  const given: Partial<Record<Field, unknown>> = { dataDir, logLevel, ...nats, ...tls };
  const loginGiven = loginFields.some((field) => given[field] !== undefined);
  const names: Record<string, string> = { ...optionOf };
  const values: Partial<Record<Field, unknown>> = { ...given };
  for (const field of Object.keys(variableOf) as Field[]) {
    const isLogin = loginFields.some((other) => other === field);
    const value = env[variableOf[field]];
    if (values[field] !== undefined || !value || (isLogin && loginGiven)) continue;
    values[field] = value;
    names[field] = variableOf[field];
  }

  const parsed = settingsSchema.safeParse(values);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => ({ field: names[String(path[0])] ?? '', message })),
    );
  }
  const settings = parsed.data;
  const problems = contradictions(settings, (field) => names[field] ?? field);
  if (problems.length > 0) throw new ConfigError(problems);
  const login = loginFrom(settings);
  return {
    login,
    config: {
      nats: {
        servers: settings.url?.map(({ url }) => url),
        login: login?.kind ?? 'none',
        tls: tlsFrom(settings),
      },
      dataDir: settings.dataDir,
      logLevel: settings.logLevel,
    },
  };
}

function loginFrom({ url, user, password, token, credentials }: Settings): Login | undefined {
  if (user !== undefined && password !== undefined) return { kind: 'password', user, password };
  if (token !== undefined) return { kind: 'token', token };
  if (credentials !== undefined) return { kind: 'credentials', file: credentials };
  return url?.find(({ login }) => login !== undefined)?.login;
}

function tlsFrom({ url, ca, cert, key }: Settings): TlsFiles | undefined {
  const asked = url?.some(({ tls }) => tls) ?? false;
  if (!asked && ca === undefined && cert === undefined) return undefined;
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}
