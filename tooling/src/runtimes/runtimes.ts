import { join } from "node:path";

/** The programs of `programs/`, and what each one shows. */
export const PROGRAMS = {
  memory: "server and client in one process, push and poll",
  stdio: "stdio, both ends, push and poll",
  http: "Streamable HTTP, both ends, push and poll",
  "webhook-receive": "webhooks: verify, put in order, answer",
  "webhook-send": "webhooks: post, and a client behind Node's HTTP server",
} as const;

export type Program = keyof typeof PROGRAMS;

/** A JavaScript runtime that the packed packages are tried on. */
export interface Runtime {
  title: string;
  /** What npm installs to have it. */
  installs: readonly string[];
  /** Script of its package that puts the binary in place; not every npm runs those by itself. */
  setup?: string;
  /** How it starts a file: a command, relative to where `installs` went, and what comes before the file's name. */
  start: readonly [command: string, ...args: string[]];
  /** Programs that it cannot run: what the error has to say. */
  refuses?: Partial<Record<Program, string>>;
}

/** Versions are exact: what a new one changes is seen when it is put here. */
export const RUNTIMES: readonly Runtime[] = [
  node("20.19.0"), // the oldest that the packages support
  node("22.23.3"),
  node("24.21.0"),
  {
    title: "Deno 2",
    installs: ["deno@2.9.6"],
    setup: "deno/install.cjs",
    start: ["deno/deno", "run", "--allow-all", "--quiet"],
  },
  {
    title: "Bun 1",
    installs: ["bun@1.4.5"],
    setup: "bun/install.js",
    start: ["bun/bin/bun.exe"],
    refuses: { "webhook-send": "webhook() cannot post from Bun" },
  },
];

/** workerd, which Cloudflare's Workers run on: a program that it runs, and the compatibility flags it needs. */
export const WORKERD = {
  title: "Workers",
  installs: ["workerd@1.20261117.1"],
  setup: "workerd/install.js",
  command: "workerd/bin/workerd",
  runs: { "webhook-receive": [], memory: ["nodejs_compat"] } as Partial<Record<Program, readonly string[]>>,
};

function node(version: string): Runtime {
  const [major] = version.split(".");
  const name = `node-${major}`;
  return {
    title: `Node ${major}`,
    installs: [`${name}@npm:node-${process.platform}-${process.arch}@${version}`],
    start: [join(name, "bin", "node")],
  };
}
