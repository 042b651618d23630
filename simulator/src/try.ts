import { CONTROLS, controlNamed } from "./controls/index";
import { drawPlan } from "./plan";
import { run } from "./run";

if (process.argv[2] === "controls") {
  for (const c of CONTROLS) {
    if (process.argv[3] !== undefined && !process.argv[3].split(",").includes(c.name)) continue;
    const first: string[] = [];
    const t = Date.now();
    let hits = 0;
    const N = Number(process.argv[4] ?? 60);
    let at = 0;
    for (let s = 1; s <= N; s += 1) {
      try {
        const r = await run(drawPlan(s), { control: c });
        if (r.violations.length > 0) {
          hits += 1;
          at ||= s;
          if (first.length < 3) first.push(r.violations[0]!);
        }
      } catch (e) {
        console.log(c.name, s, e);
        break;
      }
    }
    console.log(c.name, hits, "of", N, "first", at, Date.now() - t, "ms", first);
  }
  process.exit(0);
}
const from = Number(process.argv[2] ?? 1),
  to = Number(process.argv[3] ?? from);
const control = process.argv[4] === undefined ? undefined : controlNamed(process.argv[4]);
const t = Date.now();
let bad = 0;
const cov: Record<string, number> = {};
for (let s = from; s <= to; s += 1) {
  const t0 = Date.now();
  const r = await run(drawPlan(s), { trace: from === to, control });
  if (from === to) console.log(r.trace.join("\n"));
  for (const [k, v] of Object.entries(r.coverage)) cov[k] = (cov[k] ?? 0) + v;
  if (r.violations.length > 0) {
    bad += 1;
    if (bad < 40) console.log(s, r.violations.slice(0, 2));
  }
  if (Date.now() - t0 > 300) console.log(s, "took", Date.now() - t0, r.virtualMs, r.events);
}
console.log(cov, to - from + 1, "runs", bad, "bad", Date.now() - t, "ms");
