import { version } from "../package.json";

/** The version of this package, put in when it is built. */
export const VERSION: string = version;
