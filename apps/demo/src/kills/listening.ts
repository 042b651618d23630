import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:http";
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

/** Below the ports that systems give to outgoing connections: one of those could take a port while its process is down. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** A port of 127.0.0.1 that was free a moment ago, for a process that keeps it over restarts. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return port;
  }
}
