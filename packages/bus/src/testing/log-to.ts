import type { LogFacts, Logger } from '@pipit/types-registry';

export interface LogLine {
  readonly level: keyof Logger;
  readonly facts: LogFacts;
  readonly message: string;
}

export function logTo(log: LogLine[]): Logger {
  const line =
    (level: keyof Logger): Logger[typeof level] =>
    (facts, message) =>
      void log.push({ level, facts, message });
  return { info: line('info'), warn: line('warn'), error: line('error') };
}
