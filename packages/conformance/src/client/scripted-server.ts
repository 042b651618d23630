import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EVENTS_EXTENSION } from "@mcp-events/protocol";
import type { Wire } from "../kit/expect";
import { Inbox } from "../kit/inbox";
import { REVISIONS } from "../server/wire/messages";
import { ScriptedStream } from "./scripted-stream";

/** What the scripted server says of itself. */
export interface Script {
  readonly type: string;
  readonly mode: "push" | "poll";
  /** Whether it declares events. */
  readonly declares: boolean;
  /** The result of each poll. */
  poll(params: Wire): Wire;
}

/** A server without any SDK that does as a script says; one for each scenario. */
export class ScriptedServer {
  /** Streams as they are opened. */
  readonly streams = new Inbox<ScriptedStream>();
  /** Polls, each with the time of its arrival in milliseconds. */
  readonly polls = new Inbox<{ readonly at: number; readonly params: Wire }>();
  /** Methods of all requests. */
  readonly methods = new Inbox<string>();

  private constructor(
    private readonly server: Server,
    private readonly script: Script,
    readonly url: string,
  ) {}

  static async listen(script: Script): Promise<ScriptedServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    const scripted = new ScriptedServer(server, script, url);
    server.on("request", (req, res) => {
      scripted.#serve(req, res).catch(() => res.destroy());
    });
    return scripted;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.method !== "POST") {
      res.writeHead(405).end();
      return;
    }
    let text = "";
    for await (const chunk of req.setEncoding("utf8")) text += chunk;
    const message: Wire = JSON.parse(text);
    if (message.id === undefined) {
      res.writeHead(202).end();
      return;
    }
    this.methods.push(message.method);
    if (message.method === "events/stream" && this.script.mode === "push") {
      this.streams.push(new ScriptedStream(message, res));
      return;
    }
    const answer = this.#answer(message);
    res
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ jsonrpc: "2.0", id: message.id, ...answer }));
  }

  #answer({ method, params }: Wire): Wire {
    if (method === "events/poll" && this.script.mode === "poll") {
      this.polls.push({ at: performance.now(), params });
      return complete(this.script.poll(params));
    }
    if (method === "initialize") return { result: { ...this.#about(), protocolVersion: REVISIONS.session } };
    if (method === "server/discover") {
      return complete({
        ...this.#about(),
        supportedVersions: [REVISIONS.modern],
        ttlMs: 0,
        cacheScope: "private",
      });
    }
    if (method === "events/list" && this.script.declares) return complete({ events: [this.#descriptor()] });
    if (method === "ping") return complete({});
    return { error: { code: -32601, message: "Method not found" } };
  }

  #about(): Wire {
    const info = { name: "mcp-events-scripted", version: "0.0.0" };
    const { declares } = this.script;
    const capabilities = declares ? { events: {}, extensions: { [EVENTS_EXTENSION]: {} } } : {};
    return { capabilities, serverInfo: info, _meta: { "io.modelcontextprotocol/serverInfo": info } };
  }

  #descriptor(): Wire {
    const { type, mode } = this.script;
    const schema = { type: "object" };
    return {
      name: type,
      description: "Scripted",
      delivery: [mode],
      inputSchema: schema,
      payloadSchema: schema,
    };
  }
}

function complete(result: Wire): Wire {
  return { result: { resultType: "complete", ...result } };
}
