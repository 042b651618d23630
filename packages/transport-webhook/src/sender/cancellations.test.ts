import { expect, test } from "vitest";
import { Cancellations } from "./cancellations";

test("an abort calls whoever still waits, once, and nobody who is done", () => {
  const cancellations = new Cancellations();
  const [one, other] = [new AbortController(), new AbortController()];
  const called: string[] = [];
  const calls = ["a", "b", "c"].map((name) => () => called.push(name));
  for (const call of calls) cancellations.add(one.signal, call);
  cancellations.add(other.signal, () => called.push("other"));
  cancellations.delete(one.signal, calls[1]!);
  one.abort();
  one.abort();
  expect(called).toEqual(["a", "c"]);
});
