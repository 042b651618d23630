import { createEventClient } from "@mcp-events/client";
import { http } from "@mcp-events/transport-http";
import { stdio } from "@mcp-events/transport-stdio";
import { measured, type Payload } from "../event";
import type { PushPath } from "./path";
import { type SdkLine, sdkClient, type Target } from "./sdk";

/** Ours: the event client with its default options, read by its iterator. */
export async function enginePath(line: SdkLine, target: Target): Promise<PushPath> {
  const { client, connect, emit } = sdkClient(line, target);
  const events = createEventClient(client, { transports: [http(), stdio()] });
  await connect();
  const subscription = await events.subscribe(measured, {}, { delivery: "push" });
  const iterator = subscription[Symbol.asyncIterator]();
  return {
    async run(order, seen) {
      const emitted = emit(order);
      for (let n = 0; n < order.count; n += 1) seen(await nextPayload(iterator, n));
      await emitted;
    },
    async close() {
      await events.close();
      await client.close();
    },
  };
}

type Items = Awaited<ReturnType<ReturnType<typeof createEventClient>["subscribe"]>>;

async function nextPayload(iterator: AsyncIterator<unknown>, n: number): Promise<Payload> {
  const { value, done } = (await iterator.next()) as IteratorResult<Item<Items>>;
  if (done) throw new Error("the subscription ended");
  if (value.kind === "gap") throw new Error(`a gap: ${value.reason}`);
  const payload = value.data as Payload;
  if (payload.n !== n) throw new Error(`got ${payload.n}, expected ${n}`);
  return payload;
}

type Item<T> = T extends AsyncIterable<infer I> ? I : never;
