import { connect, createServer, type Socket } from 'node:net';

export interface LossyProxy {
  readonly port: number;
  /** The next statement with this text is carried out, and its answer is lost with the connection. */
  loseAnswerTo(text: string): void;
  close(): Promise<void>;
}

/** Stands between a pool and a server on this machine. */
export async function startLossyProxy(target: number): Promise<LossyProxy> {
  const sockets = new Set<Socket>();
  let losing: string | undefined;

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let lost = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      if (losing !== undefined && data.includes(losing)) {
        lost = true;
        losing = undefined;
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (lost) client.destroy();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    loseAnswerTo(text) {
      losing = text;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
