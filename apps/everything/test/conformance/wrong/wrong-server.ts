import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { onTestFinished } from "vitest";
import type { Raw } from "../../support/json-rpc";
import { readEvents } from "../../support/sse";
import type { Delivery, Wrong } from "./wrong";

/** A server that does something wrong: a proxy in front of a right one, for the length of the test. */
export async function wrongServer(target: string, wrong: Wrong): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy = new WrongProxy(target, wrong, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  server.on("request", (req, res) => {
    const served = req.url?.startsWith("/hook") ? proxy.hook(req, res) : proxy.mcp(req, res);
    served.catch(() => res.destroy());
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${proxy.origin}/mcp`;
}

/** What belongs to one hop, or changes with the body. */
const HOP = [
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "accept-encoding",
  "content-encoding",
];

class WrongProxy {
  /** Secrets by callback URL, the latest last. */
  readonly #secrets = new Map<string, string[]>();

  constructor(
    private readonly target: string,
    private readonly wrong: Wrong,
    readonly origin: string,
  ) {}

  async mcp(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const text = await read(req);
    const headers = passing(req.headers as Record<string, string>);
    const message: Raw = text === "" ? undefined : JSON.parse(text);
    const answer = message === undefined ? undefined : await this.wrong.request?.(message, headers);
    if (answer !== undefined) return json(res, { jsonrpc: "2.0", id: message.id, ...answer });
    this.#redirectHook(message);
    const abort = new AbortController();
    res.once("close", () => abort.abort());
    const body = message === undefined ? undefined : JSON.stringify(message);
    const init = { method: req.method ?? "POST", headers, signal: abort.signal };
    const response = await fetch(
      new URL(req.url ?? "", this.target),
      body === undefined ? init : { ...init, body },
    );
    await this.#relay(response, res, message);
  }

  async hook(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const text = await read(req);
    const to = new URL(req.url ?? "", this.origin).searchParams.get("to") ?? "";
    const secrets = this.#secrets.get(to) ?? [];
    const headers = passing(req.headers as Record<string, string>);
    const delivery: Delivery = { headers, body: JSON.parse(text) };
    let sent = text;
    const sign = () => {
      sent = JSON.stringify(delivery.body);
      const at = new Date(Number(headers["webhook-timestamp"]) * 1_000);
      headers["webhook-signature"] = new Webhook(secrets.at(-1) ?? "").sign(
        headers["webhook-id"] ?? "",
        at,
        sent,
      );
    };
    const goes = await this.wrong.delivery?.(delivery, sign, secrets);
    if (goes === false) {
      return delivery.body.type === "verification"
        ? json(res, { challenge: delivery.body.challenge })
        : void res.writeHead(204).end();
    }
    if (this.wrong.detached && delivery.body.type !== "verification") res.writeHead(204).end();
    const response = await fetch(to, { method: "POST", headers, body: sent, redirect: "manual" });
    const answer = await response.text();
    const status = await this.wrong.delivered?.(response.status, response.headers.get("location"), delivery);
    if (res.headersSent) return;
    res.writeHead(status ?? response.status, passing(Object.fromEntries(response.headers))).end(answer);
  }

  /** Lets the server post to this proxy, when it has something to do there. */
  #redirectHook(message: Raw): void {
    const { delivery, delivered, detached } = this.wrong;
    const hook = message?.params?.delivery;
    if (typeof hook?.url !== "string" || !hook.url.startsWith("http://127.0.0.1")) return;
    if (delivery === undefined && delivered === undefined && detached === undefined) return;
    if (hook.secret !== undefined) {
      this.#secrets.set(hook.url, [...(this.#secrets.get(hook.url) ?? []), hook.secret]);
    }
    hook.url = `${this.origin}/hook?to=${encodeURIComponent(hook.url)}`;
  }

  async #relay(response: Response, res: ServerResponse, request: Raw): Promise<void> {
    const headers = passing(Object.fromEntries(response.headers));
    if (!headers["content-type"]?.includes("text/event-stream")) {
      const text = await response.text();
      const changed = text === "" ? [] : this.#changed(JSON.parse(text), request);
      res.writeHead(response.status, headers).end(changed.map((message) => JSON.stringify(message)).join(""));
      return;
    }
    res.writeHead(response.status, headers).flushHeaders();
    for await (const message of readEvents(response)) {
      for (const changed of this.#changed(message, request))
        res.write(`data: ${JSON.stringify(changed)}\n\n`);
    }
    res.end();
  }

  #changed(message: Raw, request: Raw): readonly Raw[] {
    if (message.method !== undefined) return this.wrong.notification?.(message, request) ?? [message];
    if (this.wrong.response === undefined) return [message];
    const changed = this.wrong.response(message, request);
    return changed === undefined ? [] : [changed];
  }
}

async function read(req: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of req.setEncoding("utf8")) text += chunk;
  return text;
}

function passing(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.includes(name)));
}

function json(res: ServerResponse, value: object): void {
  res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}
