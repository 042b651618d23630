export { type HttpOptions, type HttpTransport, http } from "./http";
export type { WebHandler } from "./wrap";
