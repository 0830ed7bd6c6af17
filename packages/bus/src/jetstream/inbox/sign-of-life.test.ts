import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { InboxEntries } from './inbox-entries.ts';
import { signsOfLife } from './sign-of-life.ts';

const lease = 1_000;
const begun = { by: 'other', lease, at: new Date(0) };
let alive: boolean;
let renewals: number;

function open() {
  const entries: Pick<InboxEntries, 'isAlive' | 'live'> = {
    isAlive: async () => alive,
    live: async () => void renewals++,
  };
  return signsOfLife(entries as InboxEntries, 'mine', lease);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  alive = false;
  renewals = 0;
});
afterEach(() => vi.useRealTimers());

it('who shows no sign is dead after half a lease, not at once: the server may just have been away', async () => {
  const life = open();
  expect(await life.isDead(begun)).toBe(false);
  vi.advanceTimersByTime(lease / 2 - 1);
  expect(await life.isDead(begun)).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await life.isDead(begun)).toBe(true);
});

it('a sign in between begins the time anew', async () => {
  const life = open();
  expect(await life.isDead(begun)).toBe(false);
  alive = true;
  vi.advanceTimersByTime(lease);
  expect(await life.isDead(begun)).toBe(false);
  alive = false;
  expect(await life.isDead(begun)).toBe(false);
});

it('a sign is given before the first effect, and again when a third of its time is over', async () => {
  const life = open();
  await Promise.all([life.ensure(), life.ensure()]);
  await life.ensure();
  expect(renewals).toBe(1);
  vi.advanceTimersByTime(lease / 3 + 1);
  await life.ensure();
  expect(renewals).toBe(2);
});
