// Windows for detectors, step by step: values in, findings out.

import { catalog, type Kind, metricIndex } from '../../engine/schema/catalog.ts';
import type { Finding } from '../../engine/schema/finding.ts';
import type { Source } from '../../engine/schema/register.ts';
import { type WindowBatch, type WindowColumn, type WindowSize, windowMs } from '../../engine/schema/window.ts';
import type { Detector } from '../../engine/stages/correlate/detector.ts';
import { keptWindows } from '../../engine/stages/correlate/keptWindows.ts';
import type { Touched } from '../../engine/stages/correlate/series.ts';
import { type Series, windowSeries } from '../../engine/stages/correlate/series.ts';
import { stepRun } from '../../engine/stages/correlate/steps.ts';

/** One source's window. `values`: by metric; what is left out is a gap. */
export interface TestWindow {
  readonly kind: Kind;
  readonly source: number;
  readonly values: Readonly<Record<string, number>>;
  readonly flags?: Readonly<Record<string, number>>;
  /** Of every metric that has a value; absent: all of the window. */
  readonly captureMs?: number;
  readonly revision?: number;
}

export interface TestSeries {
  readonly minutes: Series;
  readonly fives: Series;
  readonly hours: Series;
}

export function testSeries(): TestSeries {
  return {
    minutes: windowSeries(keptWindows['1m']),
    fives: windowSeries(keptWindows['5m']),
    hours: windowSeries(keptWindows['1h']),
  };
}

export function windowBatchOf(
  size: WindowSize,
  step: number,
  { kind, source, values, flags, captureMs, revision = 0 }: TestWindow,
): WindowBatch {
  const column = (id: string): WindowColumn => {
    const value = values[id] ?? Number.NaN;
    const one = Float64Array.of(value);
    const covered = Number.isNaN(value) ? 0 : (captureMs ?? windowMs[size]);
    return {
      count: Uint32Array.of(1),
      sum: one,
      mean: one,
      min: one,
      max: one,
      last: one,
      sd: Float64Array.of(0),
      captureMs: Float64Array.of(covered),
      flags: Uint16Array.of(flags?.[id] ?? 0),
    };
  };
  return {
    type: 'windows',
    kind,
    size,
    rows: 1,
    source: Uint32Array.of(source),
    startMs: Float64Array.of(step * windowMs[size]),
    revision: Uint16Array.of(revision),
    captureMs: Float64Array.of(captureMs ?? windowMs[size]),
    metrics: catalog[kind].metrics.map(({ id }) => column(id)),
  };
}

/** `judged`: the newest step that was judged; windows behind it are told. */
export function put(series: Series, step: number, window: TestWindow, judged = Number.NEGATIVE_INFINITY): readonly Touched[] {
  for (const id of Object.keys(window.values)) if (metricIndex(window.kind, id) < 0) throw new Error(`no metric ${id}`);
  return series.take(windowBatchOf(series.size, step, window), judged);
}

export const named = (kind: Kind, ...ids: readonly string[]): readonly Source[] =>
  ids.map((id) => ({ kind, id, zh: id, district: '131172' }));

export interface LateWindow extends TestWindow {
  /** Comes that many steps later. */
  readonly late?: number;
}

/** What is there at a step. */
export type Steps = (step: number) => readonly LateWindow[];

const hourMs = 3_600_000;
/** Rules look back three days at most. */
const evidenceFromMs = 74 * hourMs;

/** Findings of one detector over [fromStep, toStep], in order of coming. */
export function findingsOver(
  detector: Detector,
  series: Series,
  [fromStep, toStep]: readonly [number, number],
  steps: Steps,
): Finding[] {
  // Windows may be those of another size: every step is judged.
  const run = stepRun(detector, { sizeMs: series.sizeMs, steps: series.steps });
  const waiting = new Map<number, { readonly step: number; readonly window: TestWindow }[]>();
  const found: Finding[] = [];
  for (let now = fromStep; now <= toStep; now++) {
    for (const { late = 0, ...window } of steps(now))
      waiting.set(now + late, [...(waiting.get(now + late) ?? []), { step: now, window }]);
    const touched = (waiting.get(now) ?? []).flatMap(({ step, window }) => put(series, step, window, run.judged));
    found.push(...run.advance(now, touched, (now + 1) * series.sizeMs));
  }
  for (const finding of found) checkEvidence(finding);
  return found;
}

/** Whatever is found, its evidence has values, and is of its time. */
function checkEvidence({ id, openedMs, foundMs, evidence }: Finding): void {
  for (const { metric, startMs, endMs, value } of evidence) {
    const isOfTime = startMs < endMs && startMs >= openedMs - evidenceFromMs && endMs <= foundMs + hourMs;
    if (!Number.isFinite(value) || !isOfTime)
      throw new Error(`${id}: evidence of ${metric} is ${value} from ${startMs} to ${endMs}, opened at ${openedMs}`);
  }
}

/** As people read it: state and minutes from the start, `open 30` or `closed 30-75`. */
export function inShort(findings: readonly Finding[], startMs: number): readonly string[] {
  const newest = new Map(findings.map((finding) => [finding.id, finding]));
  const at = (ms: number | undefined) => (ms === undefined ? '' : `-${(ms - startMs) / 60_000}`);
  return [...newest.values()].map(({ state, openedMs, closedMs }) => `${state} ${(openedMs - startMs) / 60_000}${at(closedMs)}`);
}
