import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports systems hand out to outgoing connections: while a killed server is down, no client's
 * connection, not even one that tries to reach it, can come to sit on its port.
 */
const FIRST = 15_000;
const LAST = 30_000;

/** A port nobody listens on now. Another process may take it before it is used, so callers try again then. */
export async function pickFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST);
    if (await isPortFree(port)) return port;
  }
}

export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)));
  });
}
