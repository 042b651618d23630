import type { Wire } from "../../kit/expect";
import type { Style } from "../target";
import type { Incoming } from "./incoming";

/** A client that speaks raw JSON-RPC to the server under test, whatever carries it. */
export interface Connection {
  readonly style: Style;
  readonly carrier: "http" | "stdio";
  /** What the server answered to `initialize` or `server/discover`. */
  readonly opened: Wire;
  /** The whole response. An HTTP answer that is no JSON-RPC becomes `{httpStatus, error}`. */
  request(method: string, params?: Wire): Promise<Wire>;
  /** Sends a request whose response comes late, with notifications before it. */
  stream(method: string, params: Wire): Promise<Incoming>;
  /** Notifications that belong to no request, as the style brings them. */
  notifications(): Promise<Incoming>;
  close(): Promise<void>;
}
