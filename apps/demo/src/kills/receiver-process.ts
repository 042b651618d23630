import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { filePositions } from "@mcp-events/client/node";
import type { WebhookCallback } from "@mcp-events/protocol";
import { type OrderedHandler, orderedHandler, webhookReceiver } from "@mcp-events/transport-webhook";
import { nodeHandler } from "@mcp-events/transport-webhook/node";
import { createRandom, integerBetween } from "../random";
import { ConsumerRecord } from "./consumer-record";
import { listenAgain } from "./listening";
import { TIMING } from "./timing";

/** What the process is told: one JSON argument. */
export interface KillsReceiverConfig {
  readonly seed: number;
  readonly port: number;
  /** The URL that leads to the port. */
  readonly url: string;
  readonly window: number;
  readonly positionsFile: string;
  /** Where each event type's handler writes down what it was given. */
  readonly records: Readonly<Record<string, string>>;
}

/** What the subscriber is told of each callback, by `GET /callbacks`. */
export interface KillsCallback {
  readonly name: string;
  readonly url: string;
  readonly secret: string;
  readonly cursor: string | null;
}

interface Open {
  readonly name: string;
  readonly callback: WebhookCallback;
  readonly handler: OrderedHandler;
}

/** Takes deliveries, without an event client; who subscribes is another process. */
async function main(config: KillsReceiverConfig): Promise<void> {
  process.once("disconnect", () => process.exit(0));
  const positions = filePositions(config.positionsFile);
  const receiver = webhookReceiver({
    url: config.url,
    resequence: config.window > 0 && { window: config.window, holdMs: TIMING.holdMs },
    answerWithinMs: TIMING.answerWithinMs,
  });
  const random = createRandom(config.seed, "receiver", process.pid);
  const open = await Promise.all(
    Object.entries(config.records).map(async ([name, file]): Promise<Open> => {
      const record = new ConsumerRecord(file);
      const handler = orderedHandler({
        key: name,
        positions,
        holdMs: TIMING.holdMs,
        async handle(item) {
          await sleep(integerBetween(random, ...TIMING.handlerMs));
          if (item.kind === "gap") record.handled(item);
          if (item.kind === "event")
            record.handled({ kind: "event", ...item.event, position: item.position });
        },
      });
      await handler.load();
      return { name, handler, callback: await receiver.open({ key: name, take: handler.take }) };
    }),
  );
  const handle = nodeHandler(receiver);
  const server = createServer((req, res) => {
    if (req.url === "/callbacks") tellCallbacks(open, res);
    else if (req.url === "/settle") void settle(open, req, res);
    else void handle(req, res);
  });
  await listenAgain(server, config.port);
  process.send?.("ready");
}

function tellCallbacks(open: readonly Open[], res: ServerResponse): void {
  const callbacks = open.map(
    ({ name, callback: { url, secret }, handler: { cursor } }): KillsCallback => ({
      name,
      url,
      secret,
      cursor,
    }),
  );
  res.end(JSON.stringify(callbacks));
}

async function settle(open: readonly Open[], req: IncomingMessage, res: ServerResponse): Promise<void> {
  let text = "";
  for await (const chunk of req.setEncoding("utf8")) text += chunk;
  const { name, id } = JSON.parse(text) as { name: string; id: string };
  open.find((one) => one.name === name)?.callback.settle(id);
  res.writeHead(204).end();
}

void main(JSON.parse(process.argv[2] ?? ""));
