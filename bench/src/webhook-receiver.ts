import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { orderedHandler, webhookReceiver } from "@mcp-events/transport-webhook";
import { nodeHandler } from "@mcp-events/transport-webhook/node";
import { now, type Payload } from "./push/event";

// The process that receives webhooks: `/plain/…` counts what is posted and answers, `/hooks/…` verifies and puts it in
// order first. `/told` answers with what was seen since it was last asked, and forgets it.

/** What the process saw. */
export interface Seen {
  /** Numbers of the events, in the order of their arrival or handling. */
  readonly numbers: readonly number[];
  /** From when each event was made to its arrival or handling, in milliseconds. */
  readonly tookMs: readonly number[];
}

let seen: { numbers: number[]; tookMs: number[] } = { numbers: [], tookMs: [] };

function note({ n, sentAt }: Payload): void {
  seen.numbers.push(n);
  seen.tookMs.push(now() - sentAt);
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of req.setEncoding("utf8")) text += chunk;
  return text;
}

/** Answers as the least receiver would: it reads the body, knows a challenge, and says yes. */
async function plain(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = JSON.parse(await bodyOf(req)) as { type?: string; challenge?: string; data?: Payload };
  if (body.data !== undefined) note(body.data);
  res.setHeader("content-type", "application/json");
  res.end(body.type === "verification" ? JSON.stringify({ challenge: body.challenge }) : "{}");
}

function tell(res: ServerResponse): void {
  const told: Seen = seen;
  seen = { numbers: [], tookMs: [] };
  res.end(JSON.stringify(told));
}

async function main(): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const receiver = webhookReceiver({ url: `http://127.0.0.1:${port}/hooks/` });
  const callback = await receiver.open({
    key: "bench",
    take: orderedHandler({
      handle(item) {
        if (item.kind === "event") note(item.event.data as Payload);
      },
    }).take,
  });
  const hooks = nodeHandler(receiver);
  server.keepAliveTimeout = 60_000;
  server.on("request", (req, res) => {
    if (req.url?.startsWith("/plain") === true) void plain(req, res);
    else if (req.url === "/told") tell(res);
    else hooks(req, res);
  });
  process.stdin.resume().once("end", () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ port, url: callback.url, secret: callback.secret })}\n`);
}

await main();
