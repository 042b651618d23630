/** One figure, measured once: sets up, measures, and takes everything down again. */
export type Measure = () => number | Promise<number>;

/** A bench: variants that give the same figure for different code, measured in turn in one process. */
export interface Bench {
  readonly name: string;
  /** Of the figure, such as `deliveries/s`. */
  readonly unit: string;
  /** The first is the baseline that the others are divided by. */
  readonly variants: Readonly<Record<string, Measure>>;
  /** Rounds measured after one that is thrown away; default 5. */
  readonly rounds?: number | undefined;
  /** What to know when reading the figure. */
  readonly note?: string | undefined;
}

/** What came out for one variant. */
export interface Figure {
  readonly variant: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Median over the rounds of this variant ÷ baseline; 1 for the baseline. */
  readonly ratio: number;
}

/** What came out for a bench. */
export interface Report {
  readonly name: string;
  readonly unit: string;
  readonly note?: string | undefined;
  readonly rounds: number;
  readonly figures: readonly Figure[];
}

/** Runs all variants of a bench in every round, in alternating order, so that a slow moment of the machine hits all. */
export async function runBench(bench: Bench, rounds = bench.rounds ?? 5): Promise<Report> {
  const names = Object.keys(bench.variants);
  const samples = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      globalThis.gc?.();
      const figure = await bench.variants[name]!();
      if (round > 0) samples.get(name)!.push(figure);
    }
  }
  const baseline = samples.get(names[0]!)!;
  const figures = names.map((variant) => {
    const measured = samples.get(variant)!;
    const ratios = measured.map((figure, round) => figure / baseline[round]!);
    return {
      variant,
      median: median(measured),
      min: Math.min(...measured),
      max: Math.max(...measured),
      ratio: median(ratios),
    };
  });
  return { name: bench.name, unit: bench.unit, note: bench.note, rounds, figures };
}

/** Things a second, for `count` things done between two readings of `performance.now()`. */
export function perSecond(count: number, startedAt: number): number {
  return (count * 1000) / (performance.now() - startedAt);
}

/** The `q` quantile (0 … 1) of a list of numbers. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
