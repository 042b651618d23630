import type { EventHost, HostRequest, JsonObject, Message } from "@mcp-events/protocol";

/** A host that stands for every MCP server built by a factory, such as one for each HTTP request. */
export interface SharedHost {
  /** Give this to the suite. */
  readonly host: EventHost;
  /** Call it for each server the factory builds. */
  attach(host: EventHost): void;
  /** Number of attached servers that have not closed. */
  readonly attached: number;
}

/** Makes a {@link SharedHost}: what is registered on it applies to the servers attached before and after. */
export function sharedHost(): SharedHost {
  const hosts = new Set<EventHost>();
  const handlers = new Map<string, (request: HostRequest) => Promise<JsonObject>>();
  const serve = (method: string) => (request: HostRequest) => {
    const handler = handlers.get(method);
    if (handler === undefined) throw new Error(`no handler for ${method}`);
    return handler(request);
  };
  return {
    host: {
      addCapabilities() {},
      handle(method, handler) {
        handlers.set(method, handler);
        for (const host of hosts) host.handle(method, serve(method));
      },
      async notify(message: Message) {
        await Promise.all([...hosts].map((host) => host.notify(message)));
      },
      onClose() {},
    },
    attach(host) {
      hosts.add(host);
      host.onClose(() => hosts.delete(host));
      for (const method of handlers.keys()) host.handle(method, serve(method));
    },
    get attached() {
      return hosts.size;
    },
  };
}
