import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between client and server, and loses what is on its way. */
export interface Proxy {
  readonly url: string;
  /** From now on the server hears everything and the client hears nothing, as on a half-open connection. */
  loseAnswers(): void;
  /** Cuts all connections; new ones work again. */
  cut(): void;
  /** New connections are cut at once, until `release`. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

export async function startProxy(port: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let losing = false;
  let holding = false;
  const server = createServer((client) => {
    if (holding) {
      client.on('error', () => client.destroy());
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
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => losing || client.write(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    losing = false;
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswers() {
      losing = true;
    },
    cut,
    hold() {
      holding = true;
    },
    release() {
      holding = false;
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
