import { destination, type Logger, type LoggerOptions, pino } from 'pino';
import type { LogLevel } from '../config/config.ts';

/**
 * JSON lines on standard error, so that standard output stays the program's own. Written at once: the last line before
 * an exit is there.
 */
export function createLogger(name: string, level: LogLevel): Logger {
  const options: LoggerOptions = { name, level };
  return pino(options, destination({ fd: 2, sync: true }));
}
