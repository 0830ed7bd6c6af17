#!/usr/bin/env node
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { PipitError } from './index.ts';
import { eventsIn } from './lock/exported-events.ts';
import { checkSchemaLock, defaultLockFile, writeSchemaLock } from './lock.ts';

const HELP = `Keeps a lock file of the schemas of stored events, and checks that changes leave them readable.

Usage: pipit-schemas check <module> [<module> …]
       pipit-schemas write <module> [<module> …]

Modules export event definitions, lists of them, aggregates or registries; all of their events are taken.

  --lock <file>  the lock file (default: ${defaultLockFile})
  --accept       with write: drop from the lock what cannot be read any more
  --help         print this

Ends with 1 where stored events could not be read, or the lock has to be written; with 2 where it is called wrongly.
`;

const [command, modules, { lock = defaultLockFile, accept = false }] = readArguments();
try {
  const events = await eventsOf(modules);
  if (command === 'check') {
    checkSchemaLock({ events, file: lock });
    process.stdout.write(`${lock} holds for ${events.length} types of events.\n`);
  } else {
    const added = writeSchemaLock({ events, file: lock, accept });
    process.stdout.write(
      `${lock} is written${added.length > 0 ? `, new: ${added.join(', ')}` : ', nothing is new'}.\n`,
    );
  }
} catch (error) {
  if (!(error instanceof PipitError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function eventsOf(files: readonly string[]) {
  const loaded = await Promise.all(
    files.map(async (file) => {
      try {
        return (await import(pathToFileURL(resolve(file)).href)) as object;
      } catch (error) {
        return wrongCall(`${file} cannot be loaded: ${error instanceof Error ? error.message : error}`);
      }
    }),
  );
  const events = eventsIn(loaded);
  return events.length > 0 ? events : wrongCall(`${files.join(', ')} exports no event.`);
}

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { lock: { type: 'string' }, accept: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (values.help) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    const [name, ...files] = positionals;
    if (name !== 'check' && name !== 'write') throw new TypeError('Say check or write.');
    if (files.length === 0) throw new TypeError('Name a module that exports events.');
    return [name, files, values] as const;
  } catch (error) {
    return wrongCall(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

function wrongCall(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
