import { safeJson, safeText } from "../format/safe-text";
import type { Styles } from "../format/styles";
import type { Finding, Level } from "./findings";
import type { Obstacle, Verdict } from "./verdicts";

/** What `doctor` found, for people: a line each, with what to do below it. */
export function reportLines(
  findings: readonly Finding[],
  verdicts: readonly Verdict[],
  styles: Styles,
): string[] {
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  return [
    ...findings.flatMap((finding) => findingLines(finding, width, styles)),
    "",
    styles.strong("Who can use it"),
    ...verdicts.flatMap((verdict) => verdictLines(verdict, styles)),
  ];
}

/** What `doctor` found, for programs: an object each. */
export function reportJson(findings: readonly Finding[], verdicts: readonly Verdict[]): string[] {
  return [
    ...findings.map((finding) => safeJson({ kind: "finding", ...finding })),
    ...verdicts.map((verdict) => safeJson({ kind: "client", ...verdict })),
  ];
}

function mark(level: Level, styles: Styles): string {
  if (level === "ok") return styles.good("ok     ");
  return level === "warning" ? styles.warning("warning") : styles.bad("problem");
}

function findingLines({ level, topic, text, advice }: Finding, width: number, styles: Styles): string[] {
  const first = `${mark(level, styles)}  ${topic.padEnd(width)}  ${safeText(text)}`;
  return advice === undefined ? [first] : [first, `${" ".repeat(width + 11)}${styles.faint(`→ ${advice}`)}`];
}

const WORKS = { yes: "good", partly: "warning", no: "bad" } as const;

function verdictLines({ client, works, obstacles }: Verdict, styles: Styles): string[] {
  const first = `${styles[WORKS[works]](works.padEnd(7))}  ${client}`;
  return [first, ...obstacles.flatMap((one) => obstacleLines(one, styles))];
}

function obstacleLines({ why, advice }: Obstacle, styles: Styles): string[] {
  return [`         ${safeText(why)}`, `         ${styles.faint(`→ ${advice}`)}`];
}
