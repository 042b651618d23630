import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Attempts to listen on a port that was a killed process's own, and the wait between two of them in milliseconds. */
const ATTEMPTS = 50;
const WAIT_MS = 20;

/**
 * Listens on a port again that a killed process had: the system may take a moment to free it.
 *
 * @throws what the last attempt threw.
 */
export async function listening<T>(listen: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    try {
      return await listen();
    } catch (error) {
      if (left === 0 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      await sleep(WAIT_MS);
    }
  }
}

/** Lets a server listen on a port of 127.0.0.1 as {@link listening} does. */
export function listenAgain(server: Server, port: number): Promise<void> {
  return listening(
    () =>
      new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => {
          server.off("error", reject);
          resolve();
        });
      }),
  );
}

/** A port of 127.0.0.1 that was free a moment ago, for a process that keeps it over restarts. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
