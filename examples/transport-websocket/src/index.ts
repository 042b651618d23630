export { webSocket } from "./adapter";
export { type Listening, type ListenOptions, listen } from "./listen";
export { connectTo, WebSocketTransport } from "./transport";
