import { barePath } from "./client/bare";
import { enginePath } from "./client/engine";
import type { PushPath } from "./client/path";
import { rawHttpPath, rawStdioPath } from "./client/raw";
import type { SdkLine } from "./client/sdk";
import { HttpServerProcess } from "./client/server-process";

/** What is compared on a transport. */
export type PathName = "engine-v1" | "engine-v2" | "bare-v1" | "bare-v2" | "raw";

/** Opens paths as they are asked for, and keeps them open, so that later rounds run on warm code. */
export class Paths {
  readonly #open = new Map<PathName, Promise<PushPath>>();
  #http: Promise<HttpServerProcess> | undefined;

  constructor(private readonly transport: "http" | "stdio") {}

  get(name: PathName): Promise<PushPath> {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const opening = this.transport === "http" ? this.#openHttp(name) : openStdio(name);
    this.#open.set(name, opening);
    return opening;
  }

  async close(): Promise<void> {
    for (const path of this.#open.values()) await (await path).close();
    await (await this.#http)?.close();
    this.#open.clear();
    this.#http = undefined;
  }

  async #openHttp(name: PathName): Promise<PushPath> {
    this.#http ??= HttpServerProcess.start();
    const url = (await this.#http).url(name);
    return name === "raw" ? rawHttpPath(url) : openers[kindOf(name)](lineOf(name), url);
  }
}

const openers = { engine: enginePath, bare: barePath };

function openStdio(name: PathName): Promise<PushPath> {
  return name === "raw" ? rawStdioPath() : openers[kindOf(name)](lineOf(name), ["stdio", name]);
}

function kindOf(name: PathName): "engine" | "bare" {
  return name.startsWith("engine") ? "engine" : "bare";
}

function lineOf(name: PathName): SdkLine {
  return name.endsWith("v1") ? "v1" : "v2";
}
