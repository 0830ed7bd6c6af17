import { defineCommand, defineQuery, messagePack } from '@pipit/types-registry';
import { z } from 'zod';

/** Of the contract's own; a type is any text. */
export const Rename = defineCommand('rename', z.object({ id: z.string(), title: z.string() }), {
  result: z.object({ revision: z.number() }),
});
export const Touch = defineCommand('touch', z.object({ id: z.string() }));
export const Find = defineQuery(
  'find',
  z.object({ id: z.string() }),
  z.object({ title: z.string() }).optional(),
);
export const Oddly = defineCommand('odd. name *>=🐦', z.object({ text: z.string() }), {
  result: z.object({ text: z.string() }),
});
export const Packed = defineQuery(
  'packed',
  z.object({ at: z.date() }),
  z.object({ at: z.date(), bytes: z.instanceof(Uint8Array) }),
  { codec: messagePack },
);
/** As an older and a newer release have it. */
export const renameOfOtherRelease = defineCommand('rename', z.object({ id: z.string() }), {
  result: z.object({ version: z.string() }),
});
