import { usageError } from "../failures/cli-error";

/** Where a receiver of webhooks listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `PORT`, `HOST:PORT` or `[IPv6]:PORT`; without a host it is 127.0.0.1.
 *
 * @throws CliError (usage).
 */
export function parseListen(text: string): ListenAddress {
  const found = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  if (found === null || port > 65_535) {
    throw usageError(`--listen takes PORT or HOST:PORT, not ${JSON.stringify(text)}`);
  }
  return { host: found[1] ?? found[2] ?? "127.0.0.1", port };
}

/** The address as it stands in a URL. */
export function origin({ host, port }: ListenAddress): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
