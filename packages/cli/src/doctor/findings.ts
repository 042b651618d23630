import { DELIVERY_MODES, orderingDescriptorSchema, readOrdering } from "@mcp-events/protocol";
import { declaredIn } from "./capabilities";
import type { ServerFacts, Trial } from "./facts";

/** `problem`: it does not work. `warning`: some clients will not work, or something is less than it could be. */
export type Level = "ok" | "warning" | "problem";

/** One thing that was looked at. */
export interface Finding {
  readonly level: Level;
  readonly topic: string;
  readonly text: string;
  /** What the server's author, or whoever runs it, can do. */
  readonly advice?: string | undefined;
}

/** The newest revision of MCP, which ChatGPT speaks alone. */
export const MODERN_REVISION = "2026-07-28";

/** What a server supports, and what is wrong with it. */
export function findingsOf(facts: ServerFacts): Finding[] {
  const declared = declaredIn(facts.capabilities);
  if (!declared.extension && !declared.topLevel) return [identity(facts), NO_EVENTS];
  return [
    identity(facts),
    revision(facts),
    extension(facts),
    topLevel(facts),
    ...types(facts),
    ordering(facts),
    profile(facts),
    webhooks(facts),
    ...facts.trials.map(trial),
  ];
}

const NO_EVENTS: Finding = {
  level: "problem",
  topic: "events",
  text: "not declared, so no client asks for any",
  advice:
    'Declare capabilities.extensions["io.modelcontextprotocol/events"], and events: {} at the top level.',
};

function identity({ server, transport, authenticated }: ServerFacts): Finding {
  const who = server === undefined ? "says no name" : `${server.name} ${server.version}`;
  const as =
    authenticated === undefined ? "" : authenticated ? ", with credentials" : ", without credentials";
  return { level: "ok", topic: "server", text: `${who}, over ${transport}${as}` };
}

function revision({ revision: agreed }: ServerFacts): Finding {
  const topic = "revision";
  if (agreed === undefined) return { level: "ok", topic, text: "the SDK does not say which was agreed on" };
  if (agreed >= MODERN_REVISION) return { level: "ok", topic, text: agreed };
  const advice = `Serve ${MODERN_REVISION} beside it; ChatGPT speaks nothing older.`;
  return { level: "warning", topic, text: `${agreed}, for which events are not specified`, advice };
}

function extension({ capabilities }: ServerFacts): Finding {
  const { extension: is, listChanged } = declaredIn(capabilities);
  const changes = listChanged ? "tells when its types change" : "does not tell when its types change";
  if (is) return { level: "ok", topic: "extension", text: `declared; ${changes}` };
  const advice = 'Declare capabilities.extensions["io.modelcontextprotocol/events"] too.';
  return { level: "warning", topic: "extension", text: "declared at the top level only", advice };
}

function topLevel({ capabilities }: ServerFacts): Finding {
  const topic = "top level";
  if (declaredIn(capabilities).topLevel) return { level: "ok", topic, text: "events declared" };
  const advice = "Declare capabilities.events = {} too: ChatGPT and the AI SDK look nowhere else.";
  return { level: "warning", topic, text: "events not declared", advice };
}

function types({ types: listed }: ServerFacts): Finding[] {
  const topic = "types";
  if (typeof listed === "string") return [{ level: "problem", topic, text: `cannot be listed: ${listed}` }];
  if (listed.length === 0) {
    return [
      {
        level: "warning",
        topic,
        text: "none",
        advice: "Are there any for whoever asks? Try with credentials.",
      },
    ];
  }
  const counts = DELIVERY_MODES.map(
    (mode) => `${listed.filter(({ delivery }) => delivery.includes(mode)).length} by ${mode}`,
  );
  const without = listed.filter(({ delivery }) => delivery.length === 0).map(({ name }) => name);
  const found: Finding[] = [{ level: "ok", topic, text: `${listed.length}: ${counts.join(", ")}` }];
  if (without.length > 0) {
    found.push({ level: "problem", topic, text: `offered by no mode that is known: ${without.join(", ")}` });
  }
  return found;
}

function ordering({ capabilities, types: listed }: ServerFacts): Finding {
  const { ordering: version } = declaredIn(capabilities);
  const topic = "ordering";
  if (version === undefined) {
    const text = "not declared: events come as the server sends them, and repeats are told by eventId";
    return { level: "ok", topic, text };
  }
  const marks = (typeof listed === "string" ? [] : listed).map(({ _meta }) =>
    readOrdering(_meta, orderingDescriptorSchema),
  );
  const logs = new Set(marks.flatMap((mark) => (mark === undefined ? [] : [mark.log])));
  const byKey = marks.filter((mark) => mark?.guarantee === "key").length;
  const where = `logs: ${[...logs].join(", ") || "none"}`;
  return {
    level: "ok",
    topic,
    text: `version ${String(version)}; ${where}; ${byKey} types in order for each key`,
  };
}

function profile({ profile: numbers }: ServerFacts): Finding {
  const topic = "errors";
  if (numbers === "sep-3415") return { level: "ok", topic, text: "numbered as in SEP-3415" };
  if (numbers === "sketch") return { level: "ok", topic, text: "numbered as in the sketch before SEP-3415" };
  const advice = "An unknown type has to be answered NotFound: -32023, or -32011 in the sketch.";
  return { level: "warning", topic, text: "an unknown type is answered with neither number", advice };
}

function webhooks({ webhooks: access, authenticated, types: listed }: ServerFacts): Finding {
  const topic = "webhooks";
  const offered = typeof listed !== "string" && listed.some(({ delivery }) => delivery.includes("webhook"));
  if (!offered) return { level: "ok", topic, text: "offered by no type" };
  if (access === "allowed") return { level: "ok", topic, text: "whoever asks here may subscribe" };
  if (access === "forbidden") {
    const advice =
      authenticated === false
        ? "Webhooks need somebody who is authenticated: give credentials."
        : "The server does not know who asks, or refuses: see how it derives the principal.";
    return { level: "warning", topic, text: "offered, but refused to whoever asks here", advice };
  }
  if (access === "absent") {
    const advice = "Serve events/subscribe, or take webhook out of the types' delivery.";
    return { level: "problem", topic, text: "offered, but events/subscribe is not served", advice };
  }
  return { level: "ok", topic, text: "offered; whether one may subscribe could not be told" };
}

function trial(one: Trial): Finding {
  const topic = `try ${one.mode}`;
  if (!one.ok) return { level: "problem", topic, text: one.reason };
  if (one.mode === "push") return { level: "ok", topic, text: `stood after ${one.ms} ms` };
  const pace = one.nextPollMs === undefined ? "" : `, next poll in ${one.nextPollMs} ms`;
  return {
    level: "ok",
    topic,
    text: `answered${pace}; ${one.replays ? "replays from a cursor" : "does not replay"}`,
  };
}
