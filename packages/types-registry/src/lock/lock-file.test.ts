import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { IncompatibleSchemasError } from './check-schemas.ts';
import { checkSchemaLock, SchemaLockError, writeSchemaLock } from './lock-file.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pipit-lock-'));
  file = join(folder, 'pipit-schemas.lock.json');
});

afterEach(() => rmSync(folder, { recursive: true }));

const text = () => readFileSync(file, 'utf8');
const Paid = defineEvent('paid', z.object({ cents: z.int() }));
const Noted = defineEvent('noted', z.object({ text: z.string() }));

it('holds after it was written, and writing it again changes no byte', () => {
  expect(writeSchemaLock({ events: [Paid], file })).toEqual(['paid version 1']);
  checkSchemaLock({ events: [Paid], file });
  const before = text();
  expect(writeSchemaLock({ events: [Paid], file })).toEqual([]);
  expect(text()).toBe(before);
  expect(before.endsWith('}\n')).toBe(true);
});

it('has to be written for what is new, which is told from what breaks', () => {
  expect(() => checkSchemaLock({ events: [Paid], file })).toThrow(/is not there/);
  writeSchemaLock({ events: [Paid], file });
  const stale = () => checkSchemaLock({ events: [Paid, Noted], file });
  expect(stale).toThrow(SchemaLockError);
  expect(stale).toThrow(/noted version 1, which breaks nothing/);
  writeSchemaLock({ events: [Paid, Noted], file });
  stale();
});

it('names everything that breaks, at once, and is not overwritten by it', () => {
  writeSchemaLock({ events: [Paid, Noted], file });
  const before = text();
  const Changed = defineEvent('paid', z.object({ cents: z.string(), by: z.string() }));
  const check = () => checkSchemaLock({ events: [Changed], file });
  expect(check).toThrow(IncompatibleSchemasError);
  expect(check).toThrow(/paid version 1, field cents[\s\S]*field by|field by[\s\S]*field cents/);
  expect(check).toThrow(/noted version 1: there is no such event/);
  expect(() => writeSchemaLock({ events: [Changed], file })).toThrow(IncompatibleSchemasError);
  expect(text()).toBe(before);
  writeSchemaLock({ events: [Changed], file, accept: true });
  checkSchemaLock({ events: [Changed], file });
});

it('remembers every form a version had', () => {
  writeSchemaLock({ events: [Paid], file });
  const Wider = defineEvent('paid', z.object({ cents: z.int(), note: z.string().optional() }));
  writeSchemaLock({ events: [Wider], file });
  const Narrow = defineEvent('paid', z.object({ cents: z.int(), note: z.int().optional() }));
  expect(() => checkSchemaLock({ events: [Narrow], file })).toThrow(/field note/);
  const Required = defineEvent('paid', z.object({ cents: z.int(), note: z.string() }));
  expect(() => checkSchemaLock({ events: [Required], file })).toThrow(/field note: it is required now/);
});

it('that is broken, foreign or newer is refused, and left as it is', () => {
  for (const broken of [
    '',
    '{',
    '[]',
    'null',
    '{"format":2,"events":{}}',
    '{"format":1,"events":{"a":{"versions":{"1":[{}]}}}}',
    '{"format":1,"events":{"a":{"versions":{"1":[{"contentType":"application/json","schema":7,"samples":[]}]}}}}',
  ]) {
    writeFileSync(file, broken);
    expect(() => checkSchemaLock({ events: [Paid], file })).toThrow(SchemaLockError);
    expect(() => writeSchemaLock({ events: [Paid], file })).toThrow(SchemaLockError);
    expect(text()).toBe(broken);
  }
  expect(() => checkSchemaLock({ events: [Paid], file: folder })).toThrow(/cannot be read/);
});
