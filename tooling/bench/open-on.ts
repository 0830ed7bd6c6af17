/** Opens what stands on a server, which is stopped where that fails. */
export async function openOn<Server extends { stop(): Promise<unknown> }, Setting>(
  start: () => Promise<Server>,
  open: (server: Server) => Promise<Setting>,
): Promise<Setting> {
  const server = await start();
  try {
    return await open(server);
  } catch (error) {
    await server.stop();
    throw error;
  }
}
