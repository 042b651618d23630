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
  const { eventId, body } = bodyOf(n);
  return { headers: signatureOf(eventId, body), body };
}

function bodyOf(n: number): { eventId: string; body: string } {
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
  return { eventId, body };
}

function signatureOf(eventId: string, body: string): SignedPost["headers"] {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const mac = createHmac("sha256", KEY).update(`${eventId}.${timestamp}.${body}`).digest("base64");
  return {
    "content-type": "application/json",
    "webhook-id": eventId,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${mac}`,
    "X-MCP-Subscription-Id": "sub_00000000000000000000000000000000",
  };
}

/** Posts bodies `wide` at a time, and nothing else: undici alone. */
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

  /**
   * Posts bodies that were made and signed before.
   *
   * @returns how long it took, in milliseconds.
   */
  async run(count: number): Promise<number> {
    const posts = Array.from({ length: count }, (_, index) => signedPost(index + 1));
    return this.#race(posts.values());
  }

  /** As {@link run}, but makes and signs each body as it leaves, as every sender has to. */
  runSigning(count: number): Promise<number> {
    function* posts() {
      for (let n = 1; n <= count; n += 1) yield signedPost(n);
    }
    return this.#race(posts());
  }

  async #race(posts: Iterator<SignedPost>): Promise<number> {
    const startedAt = performance.now();
    const worker = async () => {
      for (let post = posts.next(); !post.done; post = posts.next()) await this.#post(post.value);
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
