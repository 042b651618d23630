import { EVENTS_EXTENSION, METHODS, ORDERING_EXTENSION } from "@mcp-events/protocol";
import { isObject, type Wire } from "../kit/expect";
import { exampleOf } from "./example";
import { HookServer } from "./hook";
import type { ServerSettings } from "./options";
import type { ServerTarget } from "./target";
import { connect } from "./wire/connect";
import type { Connection } from "./wire/connection";

/** Most pages of a list that are followed. */
const MAX_PAGES = 100;

/** What a run knows of the server under test, shared by its checks. */
export class ServerSession {
  /** Event types by name, of all pages of `events/list`. */
  types: ReadonlyMap<string, Wire> = new Map();
  #tools: ReadonlySet<string> = new Set();
  #emits = new Map<string, boolean>();
  #replays = new Map<string, boolean>();
  #hooks: Promise<HookServer> | undefined;

  private constructor(
    readonly target: ServerTarget,
    readonly settings: ServerSettings,
    readonly connection: Connection,
  ) {}

  /** @throws Error when the server cannot be reached. */
  static async open(target: ServerTarget, settings: ServerSettings): Promise<ServerSession> {
    const session = new ServerSession(target, settings, await connect(target, settings));
    session.types = new Map((await session.#all(METHODS.list, "events")).map((type) => [type.name, type]));
    session.#tools = new Set((await session.#all("tools/list", "tools")).map(({ name }) => name));
    return session;
  }

  /** What the server said it can do. */
  get capabilities(): Wire {
    return this.connection.opened?.capabilities ?? {};
  }

  get events(): Wire {
    return this.capabilities.extensions?.[EVENTS_EXTENSION];
  }

  /** Whether the server marks order. */
  get ordered(): boolean {
    return this.capabilities.extensions?.[ORDERING_EXTENSION]?.version === 1;
  }

  /** Whether a tool of the fixture may be used. */
  hasControl(name: string): boolean {
    return this.settings.controls && this.#tools.has(name);
  }

  /** Calls a tool; `undefined` when it says that it failed. */
  async call(name: string, args: Wire): Promise<Wire> {
    const { result } = await this.connection.request("tools/call", { name, arguments: args });
    if (result === undefined || result.isError === true) return undefined;
    return result.structuredContent ?? {};
  }

  /** Whether the fixture's tool `emit` emits events of the type; tried once. */
  async emits(type: string): Promise<boolean> {
    if (!this.hasControl("emit")) return false;
    const known = this.#emits.get(type);
    if (known !== undefined) return known;
    const data = exampleOf(this.types.get(type)?.payloadSchema) ?? {};
    const emits = (await this.call("emit", { name: type, data })) !== undefined;
    this.#emits.set(type, emits);
    return emits;
  }

  /** Whether the type gives cursors to go on from; what cannot be polled is taken to. */
  async replays(type: string, args: Wire): Promise<boolean> {
    const known = this.#replays.get(type);
    if (known !== undefined) return known;
    if (!this.types.get(type)?.delivery?.includes("poll")) return true;
    const { result } = await this.connection.request(METHODS.poll, {
      name: type,
      arguments: args,
      cursor: null,
    });
    const replays = typeof result?.cursor === "string";
    this.#replays.set(type, replays);
    return replays;
  }

  /** The receiver of webhooks. */
  hooks(): Promise<HookServer> {
    this.#hooks ??= HookServer.listen(this.settings.callback);
    return this.#hooks;
  }

  async close(): Promise<void> {
    await this.connection.close().catch(() => {});
    await (await this.#hooks)?.close();
  }

  /** All pages of a list; empty where the server has none. */
  async #all(method: string, field: string): Promise<Wire[]> {
    const items: Wire[] = [];
    let cursor: unknown;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { result } = await this.connection.request(method, typeof cursor === "string" ? { cursor } : {});
      if (Array.isArray(result?.[field])) items.push(...result[field].filter(isObject));
      cursor = result?.nextCursor;
      if (typeof cursor !== "string") break;
    }
    return items;
  }
}
