/** Takes pino, and anything shaped like it. */
export interface ProjectionLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** What is used where no logger was given: problems must not be silent. */
export const processWarnings: ProjectionLogger = {
  info: () => undefined,
  warn: (facts, message) => warn(facts, message),
  error: (facts, message) => warn(facts, message),
};

function warn(facts: object, message: string): void {
  const { err, ...rest } = facts as { readonly err?: unknown };
  process.emitWarning(`${message} ${JSON.stringify(rest)}: ${String(err)}`, { code: 'PIPIT_PROJECTION' });
}
