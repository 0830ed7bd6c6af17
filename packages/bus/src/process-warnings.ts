import type { Logger } from './logger.ts';

/**
 * What a bus without a logger uses, so that no failure is silent: Node's process warnings, which go to stderr and to
 * `process.on('warning')`. Information is left out.
 */
export const processWarnings: Logger = {
  info: () => {},
  warn: ({ err }, message) => emit(message, err),
  error: ({ err }, message) => emit(message, err),
};

function emit(message: string, error: unknown): void {
  const detail = error instanceof Error && error.stack !== undefined ? { detail: error.stack } : {};
  process.emitWarning(message, { type: 'PipitWarning', code: 'PIPIT_BUS', ...detail });
}

/** A logger whose own failure, a full disk for instance, harms no delivery. */
export function guardLogger(logger: Logger): Logger {
  const guarded =
    (level: keyof Logger): Logger[typeof level] =>
    (facts, message) => {
      try {
        logger[level](facts, message);
      } catch {
        if (level !== 'info') processWarnings[level](facts, message);
      }
    };
  return { info: guarded('info'), warn: guarded('warn'), error: guarded('error') };
}
