import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { onTestFinished } from "vitest";
import type { Raw } from "./json-rpc";

/** A delivery as it came in, its signature not looked at yet. */
export interface Posted {
  readonly headers: Record<string, string>;
  readonly text: string;
  readonly body: Raw;
  /** Path it was posted to. */
  readonly path: string;
}

/** What the endpoint answers; `undefined` is 204, `held`: the test answers later. */
export type Answering = (posted: Posted, res: ServerResponse) => number | "held" | undefined;

/** An endpoint that we did not write the verifier of: `standardwebhooks` and `svix` check what comes in. */
export class Hook {
  readonly posts: Posted[] = [];
  readonly challenges: Posted[] = [];
  answering: Answering = () => undefined;
  /** Whether challenges are echoed. */
  echoes = true;
  #changed: () => void = () => {};
  #read = 0;

  private constructor(readonly origin: string) {}

  static async listen(): Promise<Hook> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const hook = new Hook(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", async (req, res) => {
      if (req.method !== "POST") return res.writeHead(404).end();
      let text = "";
      for await (const chunk of req.setEncoding("utf8")) text += chunk;
      const headers = req.headers as Record<string, string>;
      hook.#take({ headers, text, body: JSON.parse(text), path: req.url ?? "" }, res);
    });
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return hook;
  }

  /** A callback URL of this endpoint. */
  url(path = "/hook"): string {
    return `${this.origin}${path}`;
  }

  /** The next delivery that was not read yet; the test's own time limit bounds it. */
  async next(): Promise<Posted> {
    while (this.#read >= this.posts.length) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    this.#read += 1;
    return this.posts[this.#read - 1] as Posted;
  }

  /** Numbers of the next `count` deliveries: events by `n`, envelopes by type. */
  async numbers(count: number): Promise<unknown[]> {
    const numbers: unknown[] = [];
    while (numbers.length < count) {
      const { body } = await this.next();
      numbers.push(body.type ?? body.data.n);
    }
    return numbers;
  }

  #take(posted: Posted, res: ServerResponse): void {
    if (posted.body.type === "verification") {
      this.challenges.push(posted);
      res.setHeader("content-type", "application/json");
      res.end(JSON.stringify({ challenge: this.echoes ? posted.body.challenge : "another" }));
      return;
    }
    const status = this.answering(posted, res) ?? 204;
    if (status !== "held" && !res.writableEnded) res.writeHead(status).end();
    this.posts.push(posted);
    this.#changed();
  }
}

/** Throws unless both off-the-shelf verifiers take the delivery. */
export function verified(secret: string, { headers, text }: Posted): void {
  new Webhook(secret).verify(text, headers);
  const svix = Object.fromEntries(
    ["id", "timestamp", "signature"].map((name) => [`svix-${name}`, headers[`webhook-${name}`] ?? ""]),
  );
  new SvixWebhook(secret).verify(text, svix);
}

/** Whether a verifier takes it. */
export function isVerified(secret: string, posted: Posted): boolean {
  try {
    verified(secret, posted);
    return true;
  } catch {
    return false;
  }
}

/** A secret that differs by its letter. */
export function secretOf(letter: string): string {
  return `whsec_${btoa(letter.repeat(32))}`;
}
