import type { EventLog } from "@mcp-events/ordering";
import {
  type EventDefinition,
  type EventHost,
  EventsError,
  type HostRequest,
  type JsonObject,
  METHODS,
  serverCapabilities,
  WireError,
} from "@mcp-events/protocol";
import { bindServer, type McpServerLike } from "./binding/bind-server";
import { Engine } from "./engine";
import { eventHandle } from "./event-handle";
import { type EventServerOptions, resolveOptions } from "./options";
import { servePoll } from "./poll/serve-poll";
import { serveStream } from "./push/serve-stream";
import { eventType } from "./registry/event-type";
import { listEvents } from "./registry/list";
import { serverStats } from "./server-stats";
import type { EventHandle, RegisterOptions, ServerStats } from "./types";
import { type WebhookAdmin, webhookAdmin } from "./webhook/admin";
import { serveSubscribe } from "./webhook/serve-subscribe";
import { serveUnsubscribe } from "./webhook/serve-unsubscribe";

/** Ordered events for any number of MCP servers; made by {@link createEventServer}. */
export interface EventServer {
  /**
   * Registers an event type; attached clients are told that the list changed (LIST-3).
   *
   * @throws EventsError `event_duplicate` when the name is taken; `option_invalid`; `schema_invalid`; `closed`.
   */
  register<Name extends string, ArgumentsIn, Arguments, PayloadIn, Payload>(
    definition: EventDefinition<Name, ArgumentsIn, Arguments, PayloadIn, Payload>,
    options?: RegisterOptions<Arguments, PayloadIn>,
  ): EventHandle<PayloadIn, Arguments>;
  /**
   * Adds events to an MCP server of either SDK line, before it connects. Idempotent; released when the MCP server
   * closes. Costs little enough to be done for every HTTP request.
   *
   * @returns the MCP server it was given.
   * @throws EventsError `attach_failed` when it is no MCP server or connected already; `closed`.
   */
  attach<S extends McpServerLike>(mcpServer: S): S;
  /**
   * Adds events to a host; what {@link attach} does underneath.
   *
   * @throws EventsError `closed`.
   */
  bind(host: EventHost): void;
  /** Asks `authorize` about every living subscription now, instead of at its next turn (AUTH-2). */
  reauthorize(): Promise<void>;
  /** Webhook subscriptions and dead letters, for the server's operator. */
  readonly webhooks: WebhookAdmin;
  /**
   * Resolves when every webhook delivery that is due has been tried: for hosts that freeze between requests. Retries
   * whose time has not come are left to a later call, or to the clock.
   */
  flush(): Promise<void>;
  /** Figures of this moment; those of a log that answers later are its last known ones. */
  stats(): ServerStats;
  /**
   * A log, for reading and for tests.
   *
   * @param name - Default `events`.
   */
  log(name?: string): Promise<EventLog>;
  /**
   * Ends every stream with a final result, runs the hooks of what ends, and closes the store. Idempotent. Afterwards
   * nothing of the server keeps the process alive.
   */
  close(): Promise<void>;
}

/**
 * Makes an event server.
 *
 * @throws EventsError `option_invalid` naming the option.
 */
export function createEventServer(options: EventServerOptions = {}): EventServer {
  const engine = new Engine(resolveOptions(options));
  const attached = new WeakSet<object>();
  let closed: Promise<void> | undefined;
  const requireOpen = () => {
    if (engine.closing.aborted) throw new EventsError("closed", "The event server is closed");
  };
  const bind = (host: EventHost) => {
    requireOpen();
    bindHost(engine, host);
  };
  return {
    register(definition, registerOptions = {}) {
      requireOpen();
      const type = eventType(definition, registerOptions, engine.modes);
      engine.registry.add(type);
      return eventHandle(engine, type);
    },
    attach(mcpServer) {
      const server = (mcpServer as { server?: object }).server ?? mcpServer;
      if (attached.has(server)) return mcpServer;
      const { transports, principalOf, profile } = engine.options;
      bind(bindServer(mcpServer, { transports, principalOf, profile, logger: engine.logger }));
      attached.add(server);
      return mcpServer;
    },
    bind,
    reauthorize: () =>
      engine.reauthorizer.askAll(
        [...engine.streams, ...(engine.webhooks?.allAndEnding() ?? [])],
        engine.leases,
      ),
    webhooks: webhookAdmin(engine),
    flush: async () => engine.webhooks?.flush(),
    stats: () => serverStats(engine),
    log: async (name = "events") => engine.logOf(name).open(),
    close() {
      closed ??= engine.close();
      return closed;
    },
  };
}

function bindHost(engine: Engine, host: EventHost): void {
  host.addCapabilities(serverCapabilities({ listChanged: true }));
  const handle = (method: string, handler: (request: HostRequest) => Promise<JsonObject>) =>
    host.handle(method, (request) => guarded(engine, method, handler, request));
  handle(METHODS.list, async ({ params }) =>
    listEvents(engine.registry, params, engine.options.listPageSize),
  );
  handle(METHODS.poll, (request) => servePoll(engine, request));
  handle(METHODS.stream, (request) => serveStream(engine, request));
  const { webhooks } = engine;
  if (webhooks !== undefined) {
    handle(METHODS.subscribe, (request) => serveSubscribe(webhooks, request));
    handle(METHODS.unsubscribe, (request) => serveUnsubscribe(webhooks, request));
  }
  engine.hosts.add(host);
  host.onClose(() => engine.hosts.delete(host));
}

/** What is not meant for the wire is logged, and leaves as a bare internal error. */
async function guarded(
  engine: Engine,
  method: string,
  handler: (request: HostRequest) => Promise<JsonObject>,
  request: HostRequest,
): Promise<JsonObject> {
  if (engine.closing.aborted) throw new WireError("InternalError", "The server is closing");
  try {
    return await handler(request);
  } catch (error) {
    if (WireError.is(error)) throw error;
    engine.logger.error(`${method} failed`, { error });
    throw new WireError("InternalError", "Internal error", undefined, { cause: error });
  }
}
