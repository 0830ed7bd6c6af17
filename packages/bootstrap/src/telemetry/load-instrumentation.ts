import type { Logger } from 'pino';
import type { AnySaga } from '../app.ts';
import { type Instrumentation, noInstrumentation } from './instrumentation.ts';
import type { OpenTelemetryApi } from './tracing.ts';

interface LoadOptions {
  readonly store: string;
  readonly sagas: readonly AnySaga[];
  readonly logger: Logger;
  readonly load?: () => Promise<OpenTelemetryApi>;
}

/** By OpenTelemetry where it is installed. One that is, and cannot be loaded, is logged: an application runs without. */
export async function loadInstrumentation({
  store,
  sagas,
  logger,
  load = () => import('@opentelemetry/api'),
}: LoadOptions): Promise<Instrumentation> {
  let api: OpenTelemetryApi;
  try {
    api = await load();
  } catch (err) {
    if (!isNotInstalled(err))
      logger.warn({ err }, 'no telemetry: @opentelemetry/api is installed and cannot be loaded');
    return noInstrumentation;
  }
  // Who has not installed it does not load what is made for it either.
  const { instrument } = await import('./instrument.ts');
  return instrument(api, { store, sagas, logger });
}

/** Node names what it looked for; where a file of the package is missing, or one that it imports, it is that. */
function isNotInstalled(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' && message.includes("'@opentelemetry/api'");
}
