// Runs anywhere: signatures, and receiving. What needs Node is in `@mcp-events/transport-webhook/node`.
export {};
