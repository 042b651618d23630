import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import { EVERYTHING_DEFAULTS, type EverythingOptions, type SdkLine } from "../../src/options";
import { type Everything, startEverything } from "../../src/start";
import { type Dialect, httpPeer } from "./http-peer";
import type { Peer } from "./json-rpc";
import { stdioPeer } from "./stdio-peer";

const QUICK: EverythingOptions = {
  ...EVERYTHING_DEFAULTS,
  serving: { kind: "http", port: 0 },
  heartbeatMs: 40,
  reauthorizeMs: 20,
  logLevel: "error",
};

/** A way to speak to the fixture. */
export interface Pairing {
  readonly sdk: SdkLine;
  readonly carrier: "http" | "stdio";
  readonly dialect: Dialect;
}

export const PAIRINGS = [
  { sdk: "v2", carrier: "http", dialect: "modern" },
  { sdk: "v2", carrier: "http", dialect: "session" },
  { sdk: "v2", carrier: "http", dialect: "stateless" },
  { sdk: "v2", carrier: "stdio", dialect: "modern" },
  { sdk: "v2", carrier: "stdio", dialect: "session" },
  { sdk: "v1", carrier: "http", dialect: "session" },
  { sdk: "v1", carrier: "http", dialect: "stateless" },
  { sdk: "v1", carrier: "stdio", dialect: "session" },
] as const satisfies readonly Pairing[];

/** One pairing for each SDK line, for tests of what does not depend on the carrier. */
export const LINES = [PAIRINGS[0], PAIRINGS[5]] as const;

/** Starts the app over HTTP for the length of the test. */
export async function startApp(
  options: Partial<EverythingOptions> = {},
): Promise<Everything & { url: string }> {
  const app = await startEverything({ ...QUICK, ...options });
  onTestFinished(() => app.close());
  return { ...app, url: app.url ?? "" };
}

/** A client of an app over HTTP, for the length of the test. */
export async function connect(
  url: string,
  options: { readonly dialect?: Dialect; readonly token?: string } = {},
): Promise<Peer> {
  const peer = await httpPeer({ url, dialect: options.dialect ?? "modern", token: options.token });
  onTestFinished(() => peer.close().catch(() => {}));
  return peer;
}

/** Starts an app and speaks to it in the given way; the caller is anonymous unless a principal is named. */
export async function paired(
  pairing: Pairing,
  options: Partial<EverythingOptions> = {},
  principal: "alice" | "bob" | null = null,
): Promise<Peer> {
  const { sdk, carrier, dialect } = pairing;
  if (carrier === "http") {
    const { url } = await startApp({ ...options, sdk });
    return connect(url, { dialect, ...(principal !== null && { token: `${principal}-token` }) });
  }
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  const serving = { kind: "stdio", principal } as const;
  const app = await startEverything(
    { ...QUICK, ...options, sdk, serving },
    { stdin: toServer, stdout: toClient },
  );
  onTestFinished(() => app.close());
  return stdioPeer({ input: toClient, output: toServer }, dialect === "modern" ? "modern" : "session");
}

/** Reads until `read` gives what `accept` takes; the test's own time limit bounds it. */
export async function eventually<T>(read: () => Promise<T>, accept: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (accept(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
