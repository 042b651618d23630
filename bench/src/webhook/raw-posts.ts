import { createHmac } from "node:crypto";
import { Pool } from "undici";
import { now, payloadOf } from "../push/event";

const KEY = Buffer.alloc(32, 7);

/** A body as the engine posts it, with its headers, made before the clock runs. */
interface SignedPost {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What is posted by hand: the same members, the same length as an occurrence with its cursor and marks. */
function signedPost(n: number): SignedPost {
  const eventId = `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
  const ordering = { log: "events", epoch: 1_790_000_000_000, seq: n, prev: n - 1, settled: n - 1 };
  const body = JSON.stringify({
    eventId,
    name: "note.created",
    timestamp: new Date().toISOString(),
    data: payloadOf(n),
    _meta: { "dev.mcp-events/ordering": ordering },
    cursor: "x".repeat(40),
  });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const mac = createHmac("sha256", KEY).update(`${eventId}.${timestamp}.${body}`).digest("base64");
  const headers = {
    "content-type": "application/json",
    "webhook-id": eventId,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${mac}`,
    "X-MCP-Subscription-Id": "sub_00000000000000000000000000000000",
  };
  return { headers, body };
}

/** Posts bodies that are signed already, `wide` at a time, and nothing else: undici alone. */
export class RawPosts {
  readonly #pool: Pool;
  readonly #path: string;

  constructor(url: string, wide: number) {
    const { origin, pathname } = new URL(url);
    this.#pool = new Pool(origin, { connections: wide, pipelining: 1 });
    this.#path = pathname;
    this.wide = wide;
  }

  private readonly wide: number;

  /** @returns how long it took, in milliseconds. */
  async run(count: number): Promise<number> {
    const posts = Array.from({ length: count }, (_, index) => signedPost(index + 1));
    const startedAt = performance.now();
    let next = 0;
    const worker = async () => {
      for (let post = posts[next++]; post !== undefined; post = posts[next++]) await this.#post(post);
    };
    await Promise.all(Array.from({ length: this.wide }, worker));
    return performance.now() - startedAt;
  }

  /** Posts one event every so often. */
  async paced(count: number, everyMs: number): Promise<void> {
    for (let n = 1; n <= count; n += 1) {
      const due = now() + everyMs;
      void this.#post(signedPost(n));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - now())));
    }
  }

  /** Posts one body. */
  async send(body: string): Promise<void> {
    await this.#post({ ...signedPost(0), body });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #post({ headers, body }: SignedPost): Promise<void> {
    const answer = await this.#pool.request({ method: "POST", path: this.#path, headers, body });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`the receiver answered ${answer.statusCode}`);
  }
}
