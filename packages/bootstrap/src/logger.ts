import { destination, type Logger, pino } from 'pino';
import type { LogLevel } from './config.ts';

const secretNames = [
  'password',
  'pass',
  'token',
  'secret',
  'authorization',
  'credentials',
  'apiKey',
  'seed',
  'jwt',
];
const loginInUrl = /([a-z][a-z0-9+.-]*:\/\/)[^\s/"'@]+@/gi;

/**
 * JSON lines on standard error, so that standard output stays the program's own. Written at once: the last line before
 * an exit is there. Fields with the name of a secret are redacted two levels deep, logins in URLs wherever they stand.
 */
export function createLogger(name: string, level: LogLevel): Logger {
  return pino(loggerOptions(name, level), destination({ fd: 2, sync: true }));
}

export function loggerOptions(name: string, level: LogLevel) {
  return {
    name,
    level,
    redact: secretNames.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]),
    hooks: { streamWrite: (line: string) => line.replace(loginInUrl, '$1[Redacted]@') },
  };
}
