import type { Logger } from "@mcp-events/protocol";
import { createEventServer, type EventServer, SERVER_DEFAULTS } from "@mcp-events/server";
import { http } from "@mcp-events/transport-http";
import { stdio } from "@mcp-events/transport-stdio";
import { Controls } from "./controls";
import { fixtureStore } from "./fixture-store";
import { type FixtureWebhooks, fixtureWebhooks } from "./fixture-webhooks";
import { principalIn } from "./http/tokens";
import type { EverythingOptions, SdkLine } from "./options";
import { type FixtureTasks, fixtureTasks } from "./tasks/fixture-tasks";
import { fixtureTools } from "./tools";
import type { FixtureTool } from "./tools/tool";
import { TypeRegistry } from "./type-registry";
import { FIXTURE_TYPES } from "./types";

/** The one event engine of the process and all that the tools reach; shared by every MCP server the app makes. */
export interface Fixture {
  readonly events: EventServer;
  readonly controls: Controls;
  readonly types: TypeRegistry;
  readonly tools: readonly FixtureTool[];
  /** Tasks and their events, on the SDK line that has tasks. */
  readonly tasks: FixtureTasks | undefined;
  readonly sdk: SdkLine;
  readonly logger: Logger;
  /** The adapter that HTTP requests are handed through. */
  readonly httpTransport: ReturnType<typeof http>;
  /** The adapter that posts webhooks. */
  readonly webhookTransport: FixtureWebhooks;
  /** How many HTTP sessions are open. */
  sessions: () => number;
}

/** Makes the engine, its event types and its tools. */
export function createFixture(options: EverythingOptions, logger: Logger): Fixture {
  const { serving, profile, heartbeatMs, nextPollMs, longPollMs, reauthorizeMs } = options;
  const httpTransport = http();
  const principal = serving.kind === "stdio" ? (serving.principal ?? undefined) : undefined;
  const webhookTransport = fixtureWebhooks(options, logger);
  const limit = options.subscriptionsPerPrincipal;
  const events = createEventServer({
    name: "everything",
    store: fixtureStore(options),
    replicas: options.replicas,
    transports: [stdio({ principal }), httpTransport, webhookTransport],
    profile,
    heartbeatMs,
    nextPollMs,
    longPollMs,
    leaseMs: Math.max(SERVER_DEFAULTS.leaseMs, 2 * longPollMs, 2 * nextPollMs),
    reauthorizeMs,
    logger,
    limits: {
      subscriptions: limit * 4,
      subscriptionsPerPrincipal: limit,
      anonymousSubscriptions: limit,
    },
    principalOf: principalIn,
    webhooks: { ...options.webhooks, ownerTtlMs: options.ownerTtlMs },
  });
  const controls = new Controls();
  const types = new TypeRegistry(FIXTURE_TYPES, { events, controls, now: Date.now, random: Math.random });
  return {
    events,
    controls,
    types,
    tools: fixtureTools(options),
    tasks: options.sdk === "v1" ? fixtureTasks(events, logger) : undefined,
    sdk: options.sdk,
    logger,
    httpTransport,
    webhookTransport,
    sessions: () => 0,
  };
}
