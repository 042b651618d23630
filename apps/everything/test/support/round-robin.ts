import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A plain load balancer: each request goes to the next server that takes it. */
export interface RoundRobin {
  readonly url: string;
  close(): Promise<void>;
}

/** Balances over the servers that `targets` answers at the time; paths stay. */
export async function roundRobin(targets: () => readonly string[]): Promise<RoundRobin> {
  let turn = 0;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const all = targets();
      turn += 1;
      pass(req, res, Buffer.concat(chunks), [
        ...all.slice(turn % all.length),
        ...all.slice(0, turn % all.length),
      ]);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Passes a request to the first of `targets`; to the next one when nobody listens there. */
function pass(req: IncomingMessage, res: ServerResponse, body: Buffer, targets: readonly string[]): void {
  const [target, ...rest] = targets;
  if (target === undefined) {
    res.writeHead(503).end();
    return;
  }
  const url = new URL(req.url ?? "/", target);
  const onward = request(url, {
    method: req.method,
    headers: { ...req.headers, host: url.host },
    agent: false,
  });
  let isAnswered = false;
  onward.on("response", (answer) => {
    isAnswered = true;
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
    answer.on("error", () => res.destroy());
    answer.on("close", () => (answer.complete ? undefined : res.destroy()));
  });
  onward.on("error", (error: NodeJS.ErrnoException) => {
    if (isAnswered) res.destroy();
    else if (error.code === "ECONNREFUSED") pass(req, res, body, rest);
    else if (res.headersSent) res.destroy();
    else res.writeHead(502).end();
  });
  res.on("close", () => onward.destroy());
  onward.end(body);
}
