import { drawPlan } from "./plan";
import { run } from "./run";
const from = Number(process.argv[2] ?? 1), to = Number(process.argv[3] ?? from);
const t = Date.now(); let bad = 0; const cov: Record<string, number> = {};
for (let s = from; s <= to; s += 1) {
  const t0 = Date.now();
  const r = await run(drawPlan(s), { trace: from === to });
  if (from === to) console.log(r.trace.join("\n"));
  for (const [k, v] of Object.entries(r.coverage)) cov[k] = (cov[k] ?? 0) + v;
  if (r.violations.length > 0) { bad += 1; if (bad < 40) console.log(s, r.violations.slice(0, 2)); }
  if (Date.now() - t0 > 300) console.log(s, "took", Date.now() - t0, r.virtualMs, r.events);
}
console.log(cov, to - from + 1, "runs", bad, "bad", Date.now() - t, "ms");
