import type { DeliveryMode } from "@mcp-events/protocol";
import { isPrivateHost } from "../webhook/callback-url";
import { declaredIn } from "./capabilities";
import type { ServerFacts } from "./facts";
import { MODERN_REVISION } from "./findings";

/** Something that keeps a client from working, wholly (`blocks`) or in part, and what to do about it. */
export interface Obstacle {
  readonly blocks: boolean;
  readonly why: string;
  readonly advice: string;
}

/** Whether a client will work with a server, and why not. */
export interface Verdict {
  readonly client: string;
  readonly works: "yes" | "partly" | "no";
  readonly obstacles: readonly Obstacle[];
}

/** Which clients will work with a server. */
export function verdictsOf(facts: ServerFacts): Verdict[] {
  return [
    verdict("@mcp-events/client", ours(facts)),
    verdict("ChatGPT (webhook only)", chatGpt(facts)),
    verdict("AI SDK, @ai-sdk/mcp (webhook only)", aiSdk(facts)),
    verdict("plain clients that poll", pollers(facts)),
  ];
}

type Maybe = Obstacle | false;

function verdict(client: string, found: readonly Maybe[]): Verdict {
  const obstacles = found.filter((one): one is Obstacle => one !== false);
  const works = obstacles.some(({ blocks }) => blocks) ? "no" : obstacles.length > 0 ? "partly" : "yes";
  return { client, works, obstacles };
}

function ours(facts: ServerFacts): Maybe[] {
  const { extension, topLevel } = declaredIn(facts.capabilities);
  const all: readonly DeliveryMode[] = ["poll", "push", "webhook"];
  return [!extension && !topLevel && UNDECLARED, ...offers(facts, all)];
}

function pollers(facts: ServerFacts): Maybe[] {
  const { extension, topLevel } = declaredIn(facts.capabilities);
  return [
    !extension && !topLevel && UNDECLARED,
    extension === false && topLevel && ONLY_TOP_LEVEL,
    ...offers(facts, ["poll"]),
  ];
}

function aiSdk(facts: ServerFacts): Maybe[] {
  return [
    !declaredIn(facts.capabilities).topLevel && NO_TOP_LEVEL,
    ...offers(facts, ["webhook"]),
    webhookAccess(facts),
  ];
}

function chatGpt(facts: ServerFacts): Maybe[] {
  const { transport, url, revision, profile } = facts;
  const isPublic = url !== undefined && url.protocol === "https:" && !isPrivateHost(url.hostname);
  return [
    transport === "stdio" && {
      blocks: true,
      why: "it reaches servers over HTTP only",
      advice: "Serve Streamable HTTP.",
    },
    transport === "http" &&
      !isPublic && {
        blocks: true,
        why: "it cannot reach this address",
        advice: "Serve it at a public https address.",
      },
    revision !== undefined &&
      revision < MODERN_REVISION && {
        blocks: true,
        why: `it speaks MCP ${MODERN_REVISION}, the server ${revision}`,
        advice: `Serve revision ${MODERN_REVISION}.`,
      },
    !declaredIn(facts.capabilities).topLevel && NO_TOP_LEVEL,
    ...offers(facts, ["webhook"]),
    webhookAccess(facts),
    profile === "sep-3415" && {
      blocks: false,
      why: "it knows errors by the sketch's numbers, not by those of SEP-3415",
      advice: 'Serve it with profile "sketch".',
    },
  ];
}

const UNDECLARED: Obstacle = {
  blocks: true,
  why: "the server declares no events",
  advice: 'Declare extensions["io.modelcontextprotocol/events"].',
};

const ONLY_TOP_LEVEL: Obstacle = {
  blocks: false,
  why: "events are declared at the top level only, where the specification does not look",
  advice: 'Declare extensions["io.modelcontextprotocol/events"] too.',
};

const NO_TOP_LEVEL: Obstacle = {
  blocks: true,
  why: "it looks for events at the top level of the capabilities, and there are none",
  advice: "Declare capabilities.events = {} too.",
};

/** Whether types are offered in a mode the client knows. */
function offers({ types }: ServerFacts, modes: readonly DeliveryMode[]): Obstacle[] {
  if (typeof types === "string") {
    return [{ blocks: true, why: "the types cannot be listed", advice: "Repair events/list." }];
  }
  if (types.length === 0) {
    return [
      { blocks: true, why: "no types are listed", advice: "Register a type, or ask with credentials." },
    ];
  }
  const others = types.filter(({ delivery }) => !delivery.some((mode) => modes.includes(mode)));
  if (others.length === 0) return [];
  const names = others.map(({ name }) => name).join(", ");
  const how = modes.join(" or ");
  const advice = `Offer them by ${how}.`;
  if (others.length === types.length) return [{ blocks: true, why: `no type is offered by ${how}`, advice }];
  return [{ blocks: false, why: `not offered by ${how}: ${names}`, advice }];
}

function webhookAccess({ webhooks, authenticated }: ServerFacts): Maybe {
  if (webhooks === "absent") {
    return { blocks: true, why: "events/subscribe is not served", advice: "Serve it, or offer no webhooks." };
  }
  // Without credentials it is no wonder: the client will have its own.
  if (webhooks !== "forbidden" || authenticated === false) return false;
  return {
    blocks: true,
    why: "webhooks are refused to whoever asks here",
    advice: "Authenticate callers, and derive the principal from that.",
  };
}
