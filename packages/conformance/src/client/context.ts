import { must, show, type Wire } from "../kit/expect";
import { pause } from "../kit/within";
import type { ClientSettings } from "./options";
import type { ClientDriver, RunningClient, Seen } from "./scenario";
import { type Script, ScriptedServer } from "./scripted-server";
import type { ScriptedStream } from "./scripted-stream";

/** The event type of the scripted server. */
export const TYPE = "scripted.happened";

const LOOK_MS = 10;

/** A client and the server that it talks to, as a check uses them. */
export class ClientContext {
  readonly #closers: (() => Promise<void>)[] = [];
  #client: RunningClient | undefined;

  constructor(
    private readonly driver: ClientDriver,
    readonly settings: ClientSettings,
  ) {}

  /** Starts the scripted server and the client. */
  async start(script: Partial<Script> = {}): Promise<ScriptedServer> {
    const poll = () => ({ events: [], cursor: "now", truncated: false, hasMore: false, nextPollMs: 1_000 });
    const whole: Script = { type: TYPE, mode: "push", declares: true, poll, ...script };
    const server = await ScriptedServer.listen(whole);
    this.#closers.push(() => server.close());
    const client = await this.driver({ url: server.url, type: whole.type, mode: whole.mode });
    this.#client = client;
    this.#closers.push(() => client.stop());
    return server;
  }

  /** The next stream that the client opens. */
  stream(server: ScriptedServer, ms = this.settings.patienceMs): Promise<ScriptedStream> {
    return server.streams.next(ms, "events/stream");
  }

  /** What the application saw, once it is that many items; at the latest after the patience. */
  async seen(count: number): Promise<readonly Seen[]> {
    const end = performance.now() + this.settings.patienceMs;
    for (;;) {
      const seen = this.#client?.seen() ?? [];
      if (seen.length >= count || performance.now() > end) return seen;
      await pause(LOOK_MS);
    }
  }

  /** The application has to have seen that and nothing else: ids of events, `gap`, `terminated`. */
  async mustSee(expected: readonly string[]): Promise<void> {
    const seen = (await this.seen(expected.length)).map(nameOf);
    must(show(seen) === show(expected), `the application saw ${show(seen)}, not ${show(expected)}`);
  }

  /** Waits for what must not come. */
  quiet(): Promise<void> {
    return pause(this.settings.quietMs);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close().catch(() => {});
  }
}

function nameOf(seen: Wire): string {
  return seen?.eventId ?? seen?.type ?? show(seen);
}
