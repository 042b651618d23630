import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { Violation } from "../kit/check";
import type { Wire } from "../kit/expect";
import { Inbox } from "../kit/inbox";

/** A delivery as it came in. */
export interface Posted {
  readonly headers: Readonly<Record<string, string>>;
  /** The raw body. */
  readonly text: string;
  /** The body as JSON; `undefined` when it is none. */
  readonly body: Wire;
}

/** What an endpoint answers. */
export interface HookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One callback URL: what was posted to it, and how it answers. */
export class Hook {
  /** Everything but challenges. */
  readonly posts = new Inbox<Posted>();
  readonly challenges: Posted[] = [];
  /** What a challenge is echoed with. */
  echo: (challenge: Wire) => Wire = (challenge) => challenge;
  /** What a delivery is answered with. */
  answer: (posted: Posted) => HookAnswer | Promise<HookAnswer> = () => ({ status: 204 });

  constructor(readonly url: string) {}

  async take(posted: Posted): Promise<HookAnswer> {
    if (posted.body?.type !== "verification") {
      this.posts.push(posted);
      return this.answer(posted);
    }
    this.challenges.push(posted);
    const body = JSON.stringify({ challenge: this.echo(posted.body.challenge) });
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }
}

/** The receiver that webhooks of the server under test are posted to; each hook has a path of its own. */
export class HookServer {
  readonly #hooks = new Map<string, Hook>();

  private constructor(
    private readonly server: Server,
    private readonly base: string,
  ) {}

  /** @param callback - The port to listen on and the URL that leads there; default a free port, by loopback. */
  static async listen(callback?: { readonly port: number; readonly url: string }): Promise<HookServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(callback?.port ?? 0, "127.0.0.1", resolve);
    });
    const base = callback?.url ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const hooks = new HookServer(server, base.replace(/\/$/, ""));
    server.on("request", (req, res) => {
      // A sender may go away in the middle of a body.
      hooks.#serve(req, res).catch(() => res.destroy());
    });
    return hooks;
  }

  /** A new callback URL. */
  hook(): Hook {
    const path = `/${randomUUID()}`;
    const hook = new Hook(this.base + path);
    this.#hooks.set(path, hook);
    return hook;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of req.setEncoding("utf8")) text += chunk;
    const headers = req.headers as Record<string, string>;
    const hook = req.method === "POST" ? this.#find(req.url ?? "") : undefined;
    const answer = (await hook?.take({ headers, text, body: parse(text) })) ?? { status: 404 };
    if (!res.destroyed) res.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #find(url: string): Hook | undefined {
    return this.#hooks.get(`/${url.split("/").at(-1)}`);
  }
}

/** @throws Violation unless an off-the-shelf verifier takes the delivery under the secret. */
export function mustVerify(posted: Posted, secret: string): void {
  try {
    new Webhook(secret).verify(posted.text, { ...posted.headers });
  } catch (error) {
    throw new Violation(`a Standard Webhooks verifier refuses the delivery: ${(error as Error).message}`);
  }
}

/** A new secret of 32 random bytes. */
export function newSecret(): string {
  return `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;
}

function parse(text: string): Wire {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
