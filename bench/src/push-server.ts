import { serveHttp } from "./push/server/http";
import { serveStdio } from "./push/server/stdio";

/** The process that sends: `http`, or `stdio` with the path to serve. */
const [transport, path = ""] = process.argv.slice(2);
if (transport === "http") serveHttp();
else void serveStdio(path);
