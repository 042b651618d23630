import type { Check } from "../../kit/check";
import type { ServerContext } from "../context";

/** A check of a server. */
export type ServerCheck = Check<ServerContext>;
