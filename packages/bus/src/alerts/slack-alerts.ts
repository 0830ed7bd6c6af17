import { guardLogger, type Logger, processWarnings } from '@pipit/types-registry';
import type { Alerts } from '../alerts.ts';
import { longestDelay } from '../longest-delay.ts';
import { InvalidAlertsError } from './invalid-alerts-error.ts';
import { letterBatch } from './letter-batch.ts';
import { slackMessage } from './slack-message.ts';
import { postToWebhook } from './webhook.ts';

export interface SlackAlertsOptions {
  /** Of an incoming webhook, of Slack or of what takes the same. A secret: it is never logged and in no error. */
  readonly url: string;
  /** Milliseconds that dead letters are gathered for, so at least that long between two messages. Default: 10,000. */
  readonly every?: number;
  /** How many letters a message tells of one by one; the rest is counted. Default: 10. */
  readonly most?: number;
  /** Milliseconds for one try to post. Default: 10,000. */
  readonly timeout?: number;
  /** Milliseconds after which a message that could not be posted is given up. Default: 600,000. */
  readonly giveUpAfter?: number;
  /** Milliseconds until the second try; doubled each time, up to 30,000. Default: 1,000. */
  readonly retryDelay?: number;
  /** Milliseconds that `close` waits for what has not been sent. Default: 5,000. */
  readonly closeTimeout?: number;
  /** Default: Node's. */
  readonly fetch?: typeof fetch;
  /** Default: process warnings. */
  readonly logger?: Logger;
}

/**
 * Posts dead letters to a Slack-compatible webhook, many in one message. While a message cannot be posted, the next one
 * gathers what comes: memory is bounded, and letters are counted where there are too many to be named.
 *
 * Not promised: that an alert arrives, or arrives once; the dead letters themselves are on the server. What was gathered
 * when the process dies is not sent.
 *
 * @throws InvalidAlertsError
 */
export function slackAlerts(options: SlackAlertsOptions): Alerts {
  const { url, every = 10_000, most = 10, timeout = 10_000, giveUpAfter = 600_000 } = options;
  const { retryDelay = 1_000, closeTimeout = 5_000, fetch: post = fetch } = options;
  requireUrl(url);
  for (const [option, value] of Object.entries({ every, timeout, giveUpAfter, retryDelay, closeTimeout })) {
    requireWhole(option, value, longestDelay);
  }
  requireWhole('most', most, 100);
  const logger = guardLogger(options.logger ?? processWarnings);
  const webhook = { url, fetch: post, timeout, patience: giveUpAfter, pause: retryDelay };
  const givingUp = new AbortController();

  let batch = letterBatch(most);
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  /** Begins the time of a batch, unless it runs or a message is under way. */
  function gather(): void {
    if (batch.size === 0 || sending !== undefined || closing !== undefined) return;
    timer ??= setTimeout(() => void flush(), every).unref();
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    sending ??= send().finally(() => {
      sending = undefined;
      gather();
    });
    await sending;
  }

  async function send(): Promise<void> {
    const sent = batch;
    batch = letterBatch(most);
    if (sent.size === 0) return;
    try {
      await postToWebhook(JSON.stringify(slackMessage(sent)), webhook, givingUp.signal);
    } catch (error) {
      const reason = givingUp.signal.aborted ? `closed after ${closeTimeout} ms` : (error as Error).message;
      lost(sent.size, reason);
    }
  }

  function lost(count: number, reason: string): void {
    const message = `${count} alerts of dead letters were not sent (${reason}). The letters themselves are kept`;
    logger.error({ count, reason }, message);
  }

  async function close(): Promise<void> {
    clearTimeout(timer);
    const deadline = setTimeout(() => givingUp.abort(), closeTimeout);
    try {
      // What is under way, and then what was gathered meanwhile.
      while (sending !== undefined || batch.size > 0) await flush();
    } finally {
      clearTimeout(deadline);
    }
  }

  return {
    deadLettered(letter) {
      try {
        if (closing !== undefined) {
          lost(1, 'the alerts are closed');
          return;
        }
        batch.add(letter);
        gather();
      } catch (err) {
        logger.error({ err }, 'An alert of a dead letter could not be made of what was given');
      }
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** The error of `new URL` holds what it was given, so it is not passed on. */
function requireUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['https:', 'http:'].includes(parsed.protocol)) {
    throw new InvalidAlertsError('url', 'is no http or https URL');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new InvalidAlertsError('url', 'holds a user name or a password, which fetch refuses');
  }
}

function requireWhole(option: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new InvalidAlertsError(option, `must be a whole number from 1 to ${most}, not ${String(value)}`);
}
