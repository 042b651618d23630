import { memoryPositions } from "@mcp-events/ordering";
import { fetchHandler, orderedHandler, signWebhook, webhookReceiver } from "@mcp-events/transport-webhook";
import { same } from "./same.js";

/** Deliveries that come in the wrong order, twice and forged are verified, put in order and answered; no socket. */
export async function run() {
  const seen = [];
  const notes = orderedHandler({
    key: "notes",
    positions: memoryPositions(),
    handle: (item) => void seen.push(item.kind === "event" ? item.event.eventId : item.kind),
  });
  const receiver = webhookReceiver({ url: "https://me.example/hooks/" });
  const callback = await receiver.open({ key: "notes", take: notes.take });
  callback.settle("sub_1");
  const handler = fetchHandler(receiver);
  const post = async (seq, tampered) => (await handler(await delivery(callback, seq, tampered))).status;

  const second = post(2);
  same([await post(1), await second, await post(1), await post(3, " ")], [200, 200, 200, 401]);
  same(seen, ["note-1", "note-2"]);
  same(
    (await handler(new Request("https://me.example/elsewhere", { method: "POST", body: "" }))).status,
    404,
  );
  await notes.close();
  receiver.close();
  return seen.join(", ");
}

/** A signed delivery; `tampered` is added to its body afterwards. */
async function delivery({ url, secret }, seq, tampered = "") {
  const id = `note-${seq}`;
  const ordering = { log: "notes", epoch: 1, seq, prev: seq - 1, settled: 0 };
  const body = JSON.stringify({
    eventId: id,
    name: "note",
    timestamp: "2026-01-01T00:00:00Z",
    data: {},
    _meta: { "dev.mcp-events/ordering": ordering },
  });
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": await signWebhook({ id, timestamp, body, secret }),
    "X-MCP-Subscription-Id": "sub_1",
  };
  return new Request(url, { method: "POST", headers, body: body + tampered });
}
