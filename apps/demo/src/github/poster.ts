import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { sign } from "@octokit/webhooks-methods";
import type { Random } from "../random";
import { bodyOf, type Delivery } from "./deliveries";

/** How GitHub posts in this run. */
export interface PosterOptions {
  /** Where the server takes webhooks. */
  readonly url: URL;
  /** The webhook's secret, known to both sides. */
  readonly secret: string;
  /** Deliveries a second. */
  readonly perSecond: number;
  /** Deliveries under way at once. */
  readonly concurrency: number;
  /** Share of deliveries that are delivered a second time with the same id, as GitHub's "Redeliver" does. */
  readonly redelivered: number;
  /** Share of deliveries before which a forged one, signed with another secret, is posted. */
  readonly forged: number;
  /** Told of each delivery the server accepted. */
  readonly onAccepted: (delivery: Delivery, body: string) => void;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** What came of the deliveries. */
export interface PostTally {
  /** Deliveries the server accepted, first deliveries only. */
  accepted: number;
  redelivered: number;
  forged: number;
  /** Forged deliveries the server refused with 401. */
  forgedRefused: number;
  /** What went wrong, in words. */
  readonly failures: string[];
}

export function emptyTally(): PostTally {
  return { accepted: 0, redelivered: 0, forged: 0, forgedRefused: 0, failures: [] };
}

/**
 * Posts deliveries over HTTP as GitHub does: signed with HMAC-SHA256, several at once, at a steady pace.
 *
 * @param tally - Counts as it goes.
 */
export async function postDeliveries(
  deliveries: readonly Delivery[],
  options: PosterOptions,
  tally: PostTally,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.concurrency });
  const started = performance.now();
  const queue = deliveries.entries();
  const worker = async () => {
    for (const [index, delivery] of queue) {
      const dueIn = started + (index / options.perSecond) * 1_000 - performance.now();
      if (dueIn > 1) await sleep(dueIn, undefined, { signal: options.signal });
      options.signal.throwIfAborted();
      await deliver(delivery, options, agent, tally);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.concurrency }, worker));
  } finally {
    agent.destroy();
  }
}

async function deliver(
  delivery: Delivery,
  options: PosterOptions,
  agent: Agent,
  tally: PostTally,
): Promise<void> {
  const again = options.random() < options.redelivered;
  const forged = options.random() < options.forged;
  const body = bodyOf(delivery);
  if (forged) await forge(delivery, body, options, agent, tally);
  const signature = await sign(options.secret, body);
  const status = await post(delivery, body, signature, options, agent);
  if (status !== 202) {
    tally.failures.push(`delivery ${delivery.id} (${delivery.type}) was answered ${status}`);
    return;
  }
  tally.accepted += 1;
  options.onAccepted(delivery, body);
  if (!again) return;
  const secondStatus = await post(delivery, body, signature, options, agent);
  tally.redelivered += 1;
  if (secondStatus !== 202) tally.failures.push(`redelivery ${delivery.id} was answered ${secondStatus}`);
}

async function forge(
  delivery: Delivery,
  body: string,
  options: PosterOptions,
  agent: Agent,
  tally: PostTally,
): Promise<void> {
  const signature = await sign("not the secret", body);
  const status = await post({ ...delivery, id: `forged-${delivery.id}` }, body, signature, options, agent);
  tally.forged += 1;
  if (status === 401) tally.forgedRefused += 1;
  else tally.failures.push(`a forged delivery was answered ${status}, not 401`);
}

function post(
  delivery: Delivery,
  body: string,
  signature: string,
  { url, signal }: PosterOptions,
  agent: Agent,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: "POST",
        agent,
        signal,
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "user-agent": "GitHub-Hookshot/demo",
          "x-github-event": delivery.kind,
          "x-github-delivery": delivery.id,
          "x-hub-signature-256": signature,
        },
      },
      (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
        response.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
