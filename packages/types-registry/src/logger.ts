import { inspect } from 'node:util';

/**
 * Where a part that runs by itself says what happens. A pino logger is one. What it throws harms nothing: see
 * `guardLogger`.
 */
export interface Logger {
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}

/** Fields of a log line; an error is under `err`, where pino expects it. */
export type LogFacts = Readonly<Record<string, unknown>>;

const depthOfCauses = 6;

/**
 * What is used where no logger was given, so that no failure is silent: Node's process warnings, which go to stderr
 * and to `process.on('warning')` with the name `PipitWarning` and the facts as `detail`. Information is left out.
 */
export const processWarnings: Logger = { info: () => {}, warn, error: warn };

function warn(facts: LogFacts, message: string): void {
  // Anything can be thrown and be among the facts, also what throws again when it is looked at.
  const reason = attempt(() => (facts['err'] instanceof Error ? String(facts['err'].message) : ''), '');
  const detail = attempt(() => inspect(facts, { depth: depthOfCauses }), 'the facts cannot be shown');
  const said = message.includes(reason) ? message : `${message}: ${reason}`;
  process.emitWarning(said, { type: 'PipitWarning', detail });
}

function attempt(work: () => string, otherwise: string): string {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

/** A logger whose own failure, a full disk for instance, harms nobody who logs: what it cannot say is a warning. */
export function guardLogger(logger: Logger): Logger {
  const guarded =
    (level: keyof Logger): Logger[typeof level] =>
    (facts, message) => {
      try {
        logger[level](facts, message);
      } catch {
        processWarnings[level](facts, message);
      }
    };
  return { info: guarded('info'), warn: guarded('warn'), error: guarded('error') };
}
