import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError, type Value } from "./values";

/** Flags of every kind of run. */
const COMMON = {
  only: { type: "string", multiple: true },
  "patience-ms": { type: "string" },
  json: { type: "boolean" },
  junit: { type: "string" },
  list: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** What is checked. */
export type Kind = "server" | "client" | "receiver";

/** What may stand on the command line, by what is checked. */
const FLAGS: Readonly<Record<Kind, NonNullable<ParseArgsConfig["options"]>>> = {
  server: {
    ...COMMON,
    url: { type: "string" },
    header: { type: "string", multiple: true },
    "other-header": { type: "string", multiple: true },
    principal: { type: "string" },
    style: { type: "string" },
    profile: { type: "string" },
    type: { type: "string" },
    arguments: { type: "string" },
    trigger: { type: "string" },
    "trigger-arguments": { type: "string" },
    controls: { type: "boolean" },
    allowlisted: { type: "boolean" },
    callback: { type: "string" },
    "callback-port": { type: "string" },
    "heartbeat-ms": { type: "string" },
    "retry-ms": { type: "string" },
    "quiet-ms": { type: "string" },
  },
  client: {
    ...COMMON,
    "heartbeat-ms": { type: "string" },
    "quiet-ms": { type: "string" },
    "next-poll-ms": { type: "string" },
  },
  receiver: {
    ...COMMON,
    url: { type: "string" },
    secret: { type: "string" },
    "subscription-id": { type: "string" },
    type: { type: "string" },
    observed: { type: "string" },
    resequences: { type: "boolean" },
  },
};

/** Flags by name. */
export type Values = Readonly<Record<string, Value>>;

/** Reads the flags of a kind of run. @throws UsageError naming the one that is wrong. */
export function readFlags(kind: Kind, args: readonly string[]): Values {
  try {
    return parseArgs({ args: [...args], options: FLAGS[kind], strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
