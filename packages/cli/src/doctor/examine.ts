import type { EventClient } from "@mcp-events/client";
import {
  type EventDescriptor,
  generateWebhookSecret,
  METHODS,
  readServerCapabilities,
  WIRE_CODES,
} from "@mcp-events/protocol";
import type { Server } from "../connect/server";
import { describeFailure } from "../failures/describe-failure";
import type { Selection } from "../options/event-arguments";
import { isAuthenticated } from "../webhook/dry-run";
import type { ServerFacts, Trial, WebhookAccess } from "./facts";
import { type Answer, answerTo, profileOf } from "./wire-code";

/** A name that no server has, asked for to see how errors look; nothing is subscribed by it. */
const NO_SUCH_TYPE = "mcp-events.doctor/no-such-type";
/** Longest wait for the answer to a probe, in milliseconds. */
const PROBE_MS = 5_000;

/** Asks a server what can be asked without a side effect; with `tried`, that type is polled and streamed, too. */
export async function examine(
  server: Server,
  events: EventClient,
  tried: Selection | undefined,
): Promise<ServerFacts> {
  const { target, info, revision, connection } = server;
  const capabilities = (await connection.serverCapabilities()) ?? {};
  const has = readServerCapabilities(capabilities) !== undefined;
  const types = has ? await typesOf(events) : "no events are declared";
  return {
    transport: target.kind,
    url: target.kind === "http" ? target.url : undefined,
    authenticated: isAuthenticated(target),
    server: info,
    revision,
    capabilities,
    types,
    profile: has ? profileOf(await probePoll(server)) : "unknown",
    webhooks: has ? accessOf(await probeSubscribe(server)) : "absent",
    trials: has && tried !== undefined ? await tryType(server, events, types, tried) : [],
  };
}

async function typesOf(events: EventClient): Promise<EventDescriptor[] | string> {
  try {
    return await events.list();
  } catch (error) {
    return describeFailure(error).message;
  }
}

function probePoll({ mcp }: Server): Promise<Answer> {
  return answerTo(mcp, METHODS.poll, { name: NO_SUCH_TYPE, arguments: {}, cursor: null }, PROBE_MS);
}

async function probeSubscribe({ mcp }: Server): Promise<Answer> {
  const url = "https://mcp-events-doctor.invalid/";
  const delivery = { mode: "webhook", url, secret: generateWebhookSecret() };
  const params = { name: NO_SUCH_TYPE, arguments: {}, delivery, cursor: null };
  const answer = await answerTo(mcp, METHODS.subscribe, params, PROBE_MS);
  // A server that grants what does not exist is not left with it.
  if (answer === "result") {
    await answerTo(
      mcp,
      METHODS.unsubscribe,
      { name: NO_SUCH_TYPE, arguments: {}, delivery: { url } },
      PROBE_MS,
    );
  }
  return answer;
}

/** An unknown type that is not found was asked for by somebody who may. */
export function accessOf(answer: Answer): WebhookAccess {
  const codes = Object.values(WIRE_CODES);
  if (answer === -32601) return "absent";
  if (codes.some(({ Forbidden }) => Forbidden === answer)) return "forbidden";
  return codes.some(({ NotFound }) => NotFound === answer) ? "allowed" : "unknown";
}

async function tryType(
  server: Server,
  events: EventClient,
  types: readonly EventDescriptor[] | string,
  tried: Selection,
): Promise<Trial[]> {
  const descriptor = typeof types === "string" ? undefined : types.find(({ name }) => name === tried.name);
  // What is not listed is tried all the same: what the server says to that is the finding.
  const modes = descriptor?.delivery ?? ["poll"];
  const trials: Trial[] = [];
  if (modes.includes("poll")) trials.push(await failing("poll", tryPoll(server, tried)));
  if (modes.includes("push")) trials.push(await failing("push", tryPush(events, tried)));
  return trials;
}

async function failing(mode: "poll" | "push", trial: Promise<Trial>): Promise<Trial> {
  try {
    return await trial;
  } catch (error) {
    return { mode, ok: false, reason: describeFailure(error).message };
  }
}

async function tryPoll({ connection }: Server, { name, arguments: args }: Selection): Promise<Trial> {
  const params = { name, arguments: args, cursor: null };
  const { cursor, nextPollMs } = await connection.request(METHODS.poll, params, { timeoutMs: PROBE_MS });
  return {
    mode: "poll",
    ok: true,
    replays: typeof cursor === "string",
    nextPollMs: typeof nextPollMs === "number" ? nextPollMs : undefined,
  };
}

async function tryPush(events: EventClient, { name, arguments: args }: Selection): Promise<Trial> {
  const started = performance.now();
  const subscription = await events.subscribe(name, args, {
    delivery: "push",
    fallback: false,
    signal: AbortSignal.timeout(PROBE_MS),
  });
  const ms = Math.round(performance.now() - started);
  await subscription.close();
  return { mode: "push", ok: true, ms };
}
