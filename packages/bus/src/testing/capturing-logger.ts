import type { Logger } from '@pipit/types-registry';

/** Lines as `level message`. */
export function capturingLogger(): { readonly log: readonly string[]; readonly logger: Logger } {
  const log: string[] = [];
  const line =
    (level: keyof Logger): Logger[typeof level] =>
    (_, message) =>
      void log.push(`${level} ${message}`);
  return { log, logger: { info: line('info'), warn: line('warn'), error: line('error') } };
}
