import { pick, type Random } from '../random.ts';

const first = [
  'Ada',
  'Grace',
  'Alan',
  'Edsger',
  'Barbara',
  'Donald',
  'Margaret',
  'Tony',
  'Frances',
  'Niklaus',
];
const last = [
  'Lovelace',
  'Hopper',
  'Turing',
  'Dijkstra',
  'Liskov',
  'Knuth',
  'Hamilton',
  'Hoare',
  'Allen',
  'Wirth',
];
const words = [
  ...[
    'a',
    'the',
    'one',
    'every',
    'no',
    'another',
    'small',
    'quiet',
    'late',
    'early',
    'open',
    'plain',
    'old',
    'new',
  ],
  ...[
    'log',
    'event',
    'stream',
    'reader',
    'writer',
    'post',
    'view',
    'cluster',
    'server',
    'key',
    'order',
    'clock',
  ],
  ...[
    'keeps',
    'tells',
    'moves',
    'waits',
    'forgets',
    'follows',
    'repeats',
    'begins',
    'ends',
    'holds',
    'counts',
  ],
  ...[
    'and',
    'but',
    'while',
    'because',
    'before',
    'after',
    'without',
    'beside',
    'again',
    'never',
    'slowly',
    'twice',
  ],
];

export function someName(random: Random): string {
  return `${pick(random, first)} ${pick(random, last)}`;
}

/** A sentence of so many words. */
export function someText(random: Random, length: number): string {
  const text = Array.from({ length }, () => pick(random, words)).join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
