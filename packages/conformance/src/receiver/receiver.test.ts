import { describe, expect, it, test } from "vitest";
import { checkReceiver, listReceiverChecks, type Report } from "../receiver";
import { receiverUnderTest, type Wrong } from "../testing/receiver-under-test";

const OPTIONS = { resequences: true, patienceMs: 600, largeBytes: 600_000 };
const OK = { status: 200, text: "{}" };
const found = ({ results }: Report) =>
  results.filter(({ status }) => status === "FAILURE" || status === "WARNING").map(({ id }) => id);

/** The right answer, but what was refused is accepted under a condition. */
const lenient =
  (condition: (headers: Record<string, string>, text: string) => boolean): Wrong =>
  async (delivery, right) => {
    const answer = await right(delivery);
    return answer.status >= 400 && condition(delivery.headers, delivery.text) ? OK : answer;
  };

const typeOf = (text: string) => (text.startsWith("{not") ? undefined : JSON.parse(text).type);
const ageOf = (headers: Record<string, string>) => Date.now() / 1_000 - Number(headers["webhook-timestamp"]);

/** What the application sees of a type is lost, though it is accepted. */
const loses =
  (type: string): Wrong =>
  async (delivery, right) =>
    typeOf(delivery.text) === type ? OK : right(delivery);

/** Hands on what comes in the order in which it comes. */
const unordered: Wrong = async ({ text }, _right, seen) => {
  const { eventId } = JSON.parse(text);
  if (!seen.some((one) => one.eventId === eventId)) seen.push({ eventId });
  return OK;
};

/** Signs again, as one does who takes the body apart before it is verified. */
const reserialised =
  (): Wrong =>
  async ({ headers, text }, right) =>
    right({ headers, text: text.startsWith("{not") ? text : JSON.stringify(JSON.parse(text)) });

const WRONG: Readonly<Record<string, Wrong>> = {
  "HOOK-7.echo": loses("verification"),
  "HOOK-7.forged": async (delivery, right) =>
    typeOf(delivery.text) === "verification"
      ? { status: 200, text: JSON.stringify({ challenge: JSON.parse(delivery.text).challenge }) }
      : right(delivery),
  "HOOK-18.accepts": async ({ headers, text }, right) =>
    text.includes('{"from":"conformance"}') && !text.includes("_meta")
      ? { status: 500, text: "" }
      : right({ headers, text }),
  "HOOK-18.unsigned": lenient((headers) => headers["webhook-signature"] === undefined),
  "HOOK-18.other-secret": lenient((headers) => headers["webhook-signature"] !== undefined),
  "HOOK-18.unauthorized": async (delivery, right) => {
    const answer = await right(delivery);
    return answer.status === 401 ? { ...answer, status: 403 } : answer;
  },
  "HOOK-18.tampered": lenient((_headers, text) => text.includes("somebody else")),
  "HOOK-18.raw-body": reserialised(),
  "HOOK-18.rotation": async ({ headers, text }, right) =>
    right({
      headers: { ...headers, "webhook-signature": headers["webhook-signature"]?.split(" ")[0] ?? "" },
      text,
    }),
  "HOOK-18.old": lenient((headers) => ageOf(headers) > 300),
  "HOOK-18.future": lenient((headers) => ageOf(headers) < -200),
  "HOOK-18.malformed": async (delivery, right) => {
    const answer = await right(delivery);
    return answer.status === 400 ? { ...answer, status: 500 } : answer;
  },
  "HOOK-18.content-type": async (delivery, right) =>
    delivery.headers["content-type"] === "application/json" ? right(delivery) : { status: 500, text: "" },
  "HOOK-18.large-body": lenient((_headers, text) => text.length > 500_000),
  "HOOK-18.hands-on": async ({ text }, right) =>
    typeOf(text) === undefined ? OK : right({ headers: {}, text }),
  "HOOK-18.duplicate": async ({ text }, _right, seen) => {
    seen.push({ eventId: JSON.parse(text).eventId });
    return OK;
  },
  "HOOK-11.gap": loses("gap"),
  "HOOK-11.terminated": loses("terminated"),
  "RULE-19.held": unordered,
};

describe("receivers", () => {
  it("the receiver of this repository passes", async () => {
    const receiver = await receiverUnderTest();
    const report = await checkReceiver(receiver.url, { ...OPTIONS, patienceMs: 5_000, ...receiver });
    expect(report.results.filter(({ status }) => status !== "SUCCESS")).toEqual([]);
  });

  test("every check has a receiver that it finds fault with", () => {
    expect(Object.keys(WRONG).sort()).toEqual(
      listReceiverChecks()
        .map(({ id }) => id)
        .sort(),
    );
  });

  it.each(Object.keys(WRONG))("%s finds out a receiver that does it wrong", async (id) => {
    const receiver = await receiverUnderTest(WRONG[id]);
    const report = await checkReceiver(receiver.url, { ...OPTIONS, ...receiver, only: [id] });
    const [result] = report.results;
    expect(result).toMatchObject({ status: result?.severity === "MUST" ? "FAILURE" : "WARNING" });
  });

  it("without a way to ask the application what it saw, that is skipped with the reason", async () => {
    const { url, secret } = await receiverUnderTest();
    const report = await checkReceiver(url, { ...OPTIONS, patienceMs: 5_000, secret });
    expect(found(report)).toEqual([]);
    const reasons = report.results.filter(({ status }) => status === "SKIPPED").map(({ detail }) => detail);
    expect(new Set(reasons)).toEqual(new Set(["what the application saw is not known (--observed)"]));
  });
});
