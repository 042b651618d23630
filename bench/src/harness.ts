import { collectGarbage } from "./garbage";

/** One figure, measured once: sets up, measures, and takes everything down again. */
export type Measure = () => Sample | Promise<Sample>;

/** What one measurement gives: the figure, and what else it saw. */
export type Sample = number | { readonly value: number; readonly also: Readonly<Record<string, number>> };

/** A bench: variants that give the same figure for different code, measured in turn in one process. */
export interface Bench {
  readonly name: string;
  /** Of the figure, such as `deliveries/s`. */
  readonly unit: string;
  readonly variants: Readonly<Record<string, Measure>>;
  /** Variants that the others are divided by; default: the first. */
  readonly baselines?: readonly string[] | undefined;
  /** Rounds measured after one that is thrown away; default 5. */
  readonly rounds?: number | undefined;
  /** What to know when reading the figure. */
  readonly note?: string | undefined;
  /** For a bench whose variants differ in one number: what it is the number of, and each variant's. */
  readonly growth?: Growth | undefined;
  /** Lets go of what the variants keep between rounds. */
  readonly close?: (() => Promise<void>) | undefined;
}

/** What variants differ in. */
export interface Growth {
  readonly of: string;
  readonly at: readonly number[];
}

/** What came out for one variant. */
export interface Figure {
  readonly variant: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** By baseline: median over the rounds of this variant ÷ that baseline in the same round. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Medians of what else was seen. */
  readonly also: Readonly<Record<string, number>>;
}

/** What came out for a bench. */
export interface Report {
  readonly name: string;
  readonly unit: string;
  readonly note?: string | undefined;
  readonly growth?: Growth | undefined;
  /** Rounds that were measured: fewer than asked for when time ran out. */
  readonly rounds: number;
  readonly figures: readonly Figure[];
}

/** How long a bench may take, and who hears how far it is. */
export interface Running {
  /** Rounds measured after one that is thrown away; default: the bench's. */
  readonly rounds?: number | undefined;
  /** No further round begins after this time, once one was measured; in milliseconds. */
  readonly budgetMs?: number | undefined;
  readonly progress?: ((text: string) => void) | undefined;
}

/** A measurement that takes longer than this hangs, in milliseconds. */
const HANGS_MS = 60_000;

/** Runs all variants of a bench in every round, in alternating order, so that a slow moment of the machine hits all. */
export async function runBench(bench: Bench, running: Running = {}): Promise<Report> {
  try {
    return report(bench, await measureRounds(bench, running));
  } finally {
    await bench.close?.();
  }
}

type Round = ReadonlyMap<string, Sample>;

async function measureRounds(bench: Bench, { rounds, budgetMs, progress }: Running): Promise<Round[]> {
  const names = Object.keys(bench.variants);
  const wanted = rounds ?? bench.rounds ?? 5;
  const startedAt = performance.now();
  const measured: Round[] = [];
  for (let round = 0; round <= wanted; round += 1) {
    if (round > 1 && performance.now() - startedAt > (budgetMs ?? Number.POSITIVE_INFINITY)) break;
    progress?.(round === 0 ? "warm-up" : `round ${round} of ${wanted}`);
    const samples = new Map<string, Sample>();
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      collectGarbage();
      samples.set(name, await inTime(name, bench.variants[name]!));
    }
    if (round > 0) measured.push(samples);
  }
  return measured;
}

async function inTime(name: string, measure: Measure): Promise<Sample> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name}: no end after ${HANGS_MS} ms`)), HANGS_MS);
  });
  try {
    return await Promise.race([measure(), hangs]);
  } finally {
    clearTimeout(timer);
  }
}

function report(bench: Bench, rounds: readonly Round[]): Report {
  const { name, unit, note, growth } = bench;
  const names = Object.keys(bench.variants);
  const baselines = bench.baselines ?? names.slice(0, 1);
  const figures = names.map((variant): Figure => {
    const values = rounds.map((round) => figureOf(round.get(variant)!));
    const ratios = baselines.map((baseline) => {
      const each = rounds.map((round, index) => values[index]! / figureOf(round.get(baseline)!));
      return [baseline, median(each)] as const;
    });
    return {
      variant,
      median: median(values),
      min: Math.min(...values),
      max: Math.max(...values),
      ratios: Object.fromEntries(ratios),
      also: mediansOf(rounds.map((round) => alsoOf(round.get(variant)!))),
    };
  });
  return { name, unit, note, growth, rounds: rounds.length, figures };
}

function figureOf(sample: Sample): number {
  return typeof sample === "number" ? sample : sample.value;
}

function alsoOf(sample: Sample): Readonly<Record<string, number>> {
  return typeof sample === "number" ? {} : sample.also;
}

function mediansOf(seen: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const keys = Object.keys(seen[0] ?? {});
  return Object.fromEntries(keys.map((key) => [key, median(seen.map((one) => one[key]!))]));
}

/** Things a second, for `count` things done since a reading of `performance.now()`. */
export function perSecond(count: number, startedAt: number): number {
  return (count * 1000) / (performance.now() - startedAt);
}

/** The `q` quantile (0 … 1) of a list of numbers. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
