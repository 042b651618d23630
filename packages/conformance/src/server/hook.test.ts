import { once } from "node:events";
import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { HookServer } from "./hook";

it("a sender that goes away in the middle of a body does not end the run", async () => {
  const server = await HookServer.listen();
  onTestFinished(() => server.close());
  const hook = server.hook();
  const { hostname, port, pathname } = new URL(hook.url);
  const sender = connect(Number(port), hostname);
  await once(sender, "connect");
  sender.write(`POST ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: 10\r\n\r\nhalf`);
  sender.end();
  await once(sender.resume(), "close");
  const { status } = await fetch(hook.url, { method: "POST", body: "{}" });
  expect([status, hook.posts.all.length]).toEqual([204, 1]);
});
