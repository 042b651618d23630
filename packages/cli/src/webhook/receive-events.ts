import { withServer } from "../connect/server";
import type { Context } from "../context";
import { open, withEvents } from "../events";
import { follow } from "../follow";
import { jsonItem, readableItem } from "../format/item";
import type { ListenAddress } from "../options/listen";
import { startingCursor } from "../starting-point";
import { stderrLogger } from "../stderr-logger";
import { receive } from "./receiving";
import type { OnceOptions } from "./subscribe-once";
import type { WebhookRequest } from "./webhook-request";

/** What the command line says of receiving. */
export interface ReceiveOptions extends OnceOptions {
  readonly position?: string | undefined;
  readonly id?: string | undefined;
  readonly count?: number | undefined;
}

/** Runs a receiver, subscribes, and writes what is posted until it is stopped; then it unsubscribes. */
export async function receiveEvents(
  context: Context,
  request: WebhookRequest & { readonly listen: ListenAddress },
  options: ReceiveOptions,
): Promise<void> {
  const { out, signal } = context;
  const { json, from, ttl, position, id, count, verbose = false } = options;
  await withServer(context, options, async (server) => {
    const cursor = await startingCursor(server, request, from, signal);
    const receiving = await receive({
      listen: request.listen,
      callback: request.callback,
      ttlMs: ttl,
      logger: stderrLogger(out, verbose),
      onCallback: (url) => out.note(`The callback is ${url}`),
    });
    try {
      await withEvents(
        context,
        server,
        { position, verbose, transports: [receiving.transport] },
        async (events) => {
          const subscription = await open(events, request, { delivery: "webhook", cursor, id }, signal);
          out.note("Subscribed. What is posted is written to stdout.");
          await follow(context, subscription, {
            format: json ? jsonItem : readableItem(context.styles),
            count,
          });
        },
      );
    } finally {
      await receiving.close();
    }
  });
}
