// Simulated air against the targets: a row each with its verdict, as a table and as JSON.

import { quantileOf, sorted } from './numbers.ts';
import type { Values } from './statisticsOf.ts';
import type { Target } from './targets.ts';

export const verdicts = ['in range', 'within 25 %', 'misses'] as const;
export type Verdict = (typeof verdicts)[number];

export interface Comparison {
  readonly target: Target;
  /** Median over the seeds that have a value; NaN where none has. */
  readonly simulated: number;
  readonly min: number;
  readonly max: number;
  /** How many seeds have a value. */
  readonly seeds: number;
  readonly verdict: Verdict;
}

const tolerance = 0.25;

/** A row for each target, in their order; `bySeed` has the values of all seasons of a seed. */
export function compare(bySeed: readonly Values[], targets: readonly Target[]): Comparison[] {
  return targets.map((target) => {
    const values = sorted(bySeed.map((values) => values[target.id] ?? Number.NaN));
    const simulated = quantileOf(values, 0.5);
    return {
      target,
      simulated,
      min: quantileOf(values, 0),
      max: quantileOf(values, 1),
      seeds: values.length,
      verdict: verdictOf(simulated, target),
    };
  });
}

/** Outside the range, a quarter of its middle away from the middle is still told apart; nothing measured misses. */
export function verdictOf(value: number, { low, high, strict }: Target): Verdict {
  if (value >= low && value <= high) return 'in range';
  const middle = (low + high) / 2;
  return strict !== true && Math.abs(value - middle) <= tolerance * Math.abs(middle) ? 'within 25 %' : 'misses';
}

/** For reading: one line a row, columns aligned, the count of verdicts at the end. */
export function comparisonText(rows: readonly Comparison[]): string {
  const head = ['season', 'statistic', 'unit', 'target', 'simulated', 'min - max', 'seeds', 'verdict'];
  const table = [
    head,
    ...rows.map(({ target, simulated, min, max, seeds, verdict }) => [
      target.season,
      target.en,
      target.unit,
      `${shown(target.low)} - ${shown(target.high)}`,
      shown(simulated),
      seeds > 1 ? `${shown(min)} - ${shown(max)}` : '',
      String(seeds),
      verdict,
    ]),
  ];
  const widths = head.map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length;
  return [...table.map(line), '', `${rows.length} rows: ${verdicts.map((each) => `${count(each)} ${each}`).join(', ')}`, ''].join(
    '\n',
  );
}

/** For programs: JSON knows no NaN, so what nobody could measure is null. */
export function comparisonJson(rows: readonly Comparison[]): string {
  const number = (value: number) => (Number.isNaN(value) ? null : value);
  const plain = rows.map(({ target, simulated, min, max, seeds, verdict }) => ({
    ...target,
    simulated: number(simulated),
    min: number(min),
    max: number(max),
    seeds,
    verdict,
  }));
  return `${JSON.stringify(plain, null, 2)}\n`;
}

/** Three digits that count. */
function shown(value: number): string {
  if (Number.isNaN(value)) return 'none';
  const size = Math.abs(value);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toFixed(3);
}
