import type { EventLog, StoredPosition } from "@mcp-events/ordering";
import type { CallbackOptions, JsonObject, Message, WebhookSender } from "@mcp-events/protocol";
import type { World } from "../kernel/world";
import type { Plan } from "../plan";

/** What a handler of a control does wrong. */
export type HandlerBlunder = "commits first" | "merges as it comes" | "says nothing of resets";

type Match = (n: number, evaluate: () => boolean | Promise<boolean>) => boolean | Promise<boolean>;

/**
 * A rule that is switched off, or a known blunder: what the simulator puts between the real code and the world. Nothing of
 * it exists in the packages.
 */
export interface Control {
  readonly name: string;
  /** The rule or guarantee that it breaks, and how. */
  readonly breaks: string;
  /** Runs within which the storm has to catch it. */
  readonly within: number;
  /** The circumstances in which it matters. */
  plan?(plan: Plan): Plan;
  /** Replaces methods of classes; the returned function puts them back. */
  patch?(world: World): () => void;
  /** Between the server and one stream. */
  stream?(forward: (message: Message) => void, world: World): (message: Message) => void;
  sender?(sender: WebhookSender, world: World): WebhookSender;
  /** A webhook body as it leaves. */
  body?(body: JsonObject, world: World): JsonObject;
  /** An answer of the server as it leaves. */
  answer?(method: string, result: JsonObject, world: World): JsonObject;
  /** A request of the client as it leaves. */
  request?(method: string, params: JsonObject): JsonObject;
  take?(take: CallbackOptions["take"]): CallbackOptions["take"];
  position?(position: StoredPosition): StoredPosition;
  log?(log: EventLog, world: World): EventLog;
  match?: Match;
  /** Milliseconds that a call of `emit` waits. */
  emitDelay?(world: World): number;
  readonly dedupeWindow?: number;
  readonly handler?: HandlerBlunder;
}
