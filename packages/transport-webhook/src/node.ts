// What needs Node: posting webhooks, and receiving them with Node's own servers.
export { type NodeHandlerOptions, type NodeWebhookRequest, nodeHandler } from "./receiver/node-handler";
