import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { newEventId } from './new-event-id.ts';

it('makes UUIDv7 ids that are all different and sort in the order they were made', () => {
  const ids = Array.from({ length: 5_000 }, newEventId);
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
});

it('carries the time it was made at', () => {
  const before = Date.now();
  const milliseconds = Number.parseInt(newEventId().replaceAll('-', '').slice(0, 12), 16);
  expect(milliseconds).toBeGreaterThanOrEqual(before);
  expect(milliseconds).toBeLessThanOrEqual(Date.now());
});
