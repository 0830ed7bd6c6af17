import type { DeadLetterAlert } from '../alerts.ts';
import type { LetterBatch, LetterCount } from './letter-batch.ts';

/**
 * The body of a Slack incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks), which
 * Mattermost, Rocket.Chat and others take as well. Text only, without markup, so that nothing an error says is a link, a
 * mention or a format.
 */
export interface SlackMessage {
  readonly text: string;
  readonly mrkdwn: false;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** Slack advises to stay below 4,000 characters, and cuts a text at 40,000. */
const longestText = 3_800;

export function slackMessage(batch: LetterBatch): SlackMessage {
  const title = batch.size === 1 ? 'An event was dead-lettered' : `${batch.size} events were dead-lettered`;
  const counts = batch.size === 1 ? [] : countLines(batch);
  const lines = [title, ...counts, ...(counts.length > 0 ? [''] : [])];
  let length = lines.reduce((sum, line) => sum + line.length + 1, 0);
  let told = 0;
  for (const letter of batch.first) {
    const line = letterLine(letter);
    if (length + line.length + 1 > longestText) break;
    lines.push(line);
    length += line.length + 1;
    told += 1;
  }
  if (told < batch.size) lines.push(`… and ${batch.size - told} more`);
  return { text: lines.join('\n'), mrkdwn: false, unfurl_links: false, unfurl_media: false };
}

function countLines({ counts, others }: LetterBatch): string[] {
  const lines: string[] = [];
  let length = 0;
  let left = others;
  for (const each of counts) {
    const line = countLine(each);
    length += line.length + 1;
    // Half of the text is for the letters themselves.
    if (length > longestText / 2) left += each.count;
    else lines.push(line);
  }
  return left === 0 ? lines : [...lines, `${left} × others`];
}

function countLine({ store, group, type, count }: LetterCount): string {
  return `${count} × ${escapeText(type)} in group ${escapeText(group)} of ${escapeText(store)}`;
}

function letterLine({ store, group, type, eventId, key, attempts, error, at }: DeadLetterAlert): string {
  const of = key === undefined ? '' : ` of ${key}`;
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const time = Number.isNaN(at.getTime()) ? '' : ` (${at.toISOString()})`;
  return escapeText(
    `• ${store}: group ${group} gave up on ${type} ${eventId}${of} after ${tries}: ${error.name}: ${error.message}${time}`,
  );
}

/** The three characters that Slack reads as its own, and nothing else. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
