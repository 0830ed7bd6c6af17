#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type NatsConfig, type NatsServer, NatsServerError, startNatsServer } from './index.ts';

const HELP = `Runs a nats-server with JetStream on 127.0.0.1 until Ctrl+C.

Usage: pipit-nats-server [options]

  --port <number>       port to listen on (default: a free one)
  --store-dir <folder>  keep the store there (default: a temporary folder, removed at the end)
  --config <file>       more settings of nats-server, as a JSON object
  --version             print the version of this package
  --help                print this

NATS_SERVER_BIN names the nats-server to run; without it one is found or fetched.
`;

const { values } = readArguments();
if (values.help) process.stdout.write(HELP);
else if (values.version) process.stdout.write(`${packageVersion()}\n`);
else await run();

async function run(): Promise<void> {
  // From the first moment on, so that Ctrl+C while it starts stops it as well; a second one does not hurry it.
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  // A promise keeps no process alive.
  const alive = setInterval(() => undefined, 60_000);
  try {
    const server = await startServer();
    process.stdout.write(`${server.url} (nats-server ${server.version}, store in ${server.storeDir})\n`);
    await interrupted;
    await server.stop();
  } catch (error) {
    if (!(error instanceof NatsServerError)) throw error;
    fail(error.message);
  } finally {
    clearInterval(alive);
  }
}

async function startServer(): Promise<NatsServer> {
  const { port, config, 'store-dir': storeDir } = values;
  return startNatsServer({
    ...(port !== undefined && { port: Number(port) }),
    ...(storeDir !== undefined && { storeDir }),
    ...(config !== undefined && { config: readConfig(config) }),
  });
}

function readConfig(file: string): NatsConfig {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return fail(`--config ${file} cannot be read as JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string' },
        'store-dir': { type: 'string' },
        config: { type: 'string' },
        version: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

function fail(message: string): never {
  process.stderr.write(`${message.trimEnd()}\n`);
  process.exit(1);
}
