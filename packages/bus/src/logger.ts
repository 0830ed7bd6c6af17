/** Where a bus says what happens. A pino logger is one. */
export interface Logger {
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}

/** Fields of a log line; an error is under `err`, where pino expects it. */
export type LogFacts = Readonly<Record<string, unknown>>;
