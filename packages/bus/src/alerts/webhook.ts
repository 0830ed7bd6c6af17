import { setTimeout as delay } from 'node:timers/promises';
import pRetry from 'p-retry';
import { untilAborted } from '../until-aborted.ts';

export interface WebhookOptions {
  /** A secret: it is in no error that comes from here. */
  readonly url: string;
  readonly fetch: typeof fetch;
  /** Milliseconds for one try. */
  readonly timeout: number;
  /** Milliseconds for all of them. */
  readonly patience: number;
  /** Milliseconds between the first two; doubled each time. */
  readonly pause: number;
}

/** Why a message did not arrive, without the URL. */
class WebhookError extends Error {
  /** Whether another try is of use. */
  readonly passing: boolean;
  /** Milliseconds that the other side asks to wait. */
  readonly retryAfter: number;

  constructor(message: string, passing: boolean, retryAfter = 0) {
    super(message);
    this.name = 'WebhookError';
    this.passing = passing;
    this.retryAfter = retryAfter;
  }
}

/**
 * Posts JSON until it is taken: again after a pause where the other side is away, fails (5xx) or asks to wait (429).
 *
 * @throws WebhookError; the signal's reason
 */
export async function postToWebhook(
  body: string,
  options: WebhookOptions,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + options.patience;
  await pRetry(() => postOnce(body, options, signal), {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: options.pause,
    maxTimeout: 30_000,
    randomize: true,
    maxRetryTime: options.patience,
    unref: true,
    signal,
    shouldRetry: ({ error }) => error instanceof WebhookError && error.passing,
    async onFailedAttempt({ error }) {
      if (!(error instanceof WebhookError)) return;
      // Beyond the patience there is no use in waiting.
      if (performance.now() + error.retryAfter > deadline) throw error;
      await delay(error.retryAfter, undefined, { signal, ref: false });
    },
  });
}

async function postOnce(
  body: string,
  { url, fetch, timeout }: WebhookOptions,
  signal: AbortSignal,
): Promise<void> {
  const late = AbortSignal.timeout(timeout);
  const end = AbortSignal.any([late, signal]);
  const headers = { 'content-type': 'application/json' };
  let response: Response;
  try {
    // A redirected POST would become a GET.
    const answer = fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: end });
    // A fetch of the user's own may not heed the signal.
    response = await untilAborted(answer, end);
  } catch (error) {
    signal.throwIfAborted();
    throw new WebhookError(late.aborted ? `no answer in ${timeout} ms` : reasonOf(error), true);
  }
  // Its content is of no use, and would keep the connection from being used again.
  await response.body?.cancel().catch(() => {});
  if (response.ok) return;
  const { status } = response;
  const passing = status === 429 || status === 408 || status >= 500;
  throw new WebhookError(`answered ${status}`, passing, retryAfter(response));
}

/** Only codes are taken from an error of fetch, such as ECONNREFUSED: its messages may hold the URL. */
function reasonOf(error: unknown): string {
  const code = codeOf(error) ?? codeOf((error as { cause?: unknown } | undefined)?.cause);
  return code === undefined ? 'could not be reached' : `could not be reached (${code})`;
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,40}$/.test(code) ? code : undefined;
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfter({ headers }: Response): number {
  const value = headers.get('retry-after');
  if (value === null) return 0;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : 0;
}
