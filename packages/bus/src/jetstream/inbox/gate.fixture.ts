import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and can be shut, as a network can. */
export interface Gate {
  readonly url: string;
  /** Cuts all connections, and every new one. */
  shut(): void;
  open(): void;
  /** From now on the server hears everything and the client nothing, until `shut`. */
  loseAnswers(): void;
  close(): Promise<void>;
}

export async function startGate(port: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  let isShut = false;
  let isLosing = false;
  const server = createServer((client) => {
    if (isShut) {
      client.destroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.pipe(upstream);
    upstream.on('data', (chunk) => isLosing || client.write(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shut() {
      isShut = true;
      cut();
    },
    open() {
      isShut = false;
      isLosing = false;
    },
    loseAnswers() {
      isLosing = true;
    },
    async close() {
      isShut = true;
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
