// The same minute windows by idiomatic per-row RxJS and by our stages, in one process: a ratio.

import { filter, groupBy, map, mergeMap, reduce, Subject, windowCount } from 'rxjs';
import { catalog, metricIndex } from '../../engine/schema/catalog.ts';
import { cleanStage } from '../../engine/stages/clean/clean.ts';
import { windowStage } from '../../engine/stages/window/window.ts';
import { batchOf, runStages } from '../harness/batches.ts';
import { testOptions } from '../harness/outputs.ts';

const stations = 162;
const seconds = 600;
const warmUps = 3;
const measured = 7;
const startMs = Date.parse('2026-01-05T00:00:00+08:00');
/** Not the wind direction (a vector mean), nor the pressure (its range is far from the others'). */
const metrics = catalog.air.metrics.map(({ id }) => id).filter((id) => id !== 'windFromDeg' && id !== 'pressureHpa');
const value = (station: number, second: number, metric: number) => 100 + ((station * 7 + second * 13 + metric * 29) % 80);

interface Row {
  readonly source: number;
  readonly eventMs: number;
  readonly values: readonly number[];
}

/** One object a row through groupBy, window and reduce: means of each station, minute and metric. */
function perRow(): { readonly ms: number; readonly sum: number } {
  const rowsIn: Row[] = [];
  for (let second = 0; second < seconds; second++)
    for (let source = 0; source < stations; source++)
      rowsIn.push({ source, eventMs: startMs + second * 1000, values: metrics.map((_, m) => value(source, second, m)) });
  const beganMs = performance.now();
  let sum = 0;
  const rows = new Subject<Row>();
  rows
    .pipe(
      groupBy((row) => row.source),
      mergeMap((station) =>
        station.pipe(
          windowCount(60),
          mergeMap((minute) =>
            minute.pipe(
              reduce(
                (total, row) => {
                  for (let m = 0; m < metrics.length; m++) total.sums[m] += row.values[m];
                  total.count += 1;
                  return total;
                },
                { count: 0, sums: metrics.map(() => 0) },
              ),
            ),
          ),
          filter(({ count }) => count > 0),
          map(({ count, sums }) => sums.map((total) => total / count)),
        ),
      ),
    )
    .subscribe((means) => {
      for (const mean of means) sum += mean;
    });
  for (const row of rowsIn) rows.next(row);
  rows.complete();
  return { ms: performance.now() - beganMs, sum };
}

/** The same rows as one batch a second through clean and window, which do far more than that. */
function columns(): { readonly ms: number; readonly sum: number } {
  const batches = Array.from({ length: seconds }, (_, second) =>
    batchOf(
      'air',
      Array.from({ length: stations }, (_row, source) => ({
        source,
        eventMs: startMs + second * 1000,
        values: Object.fromEntries(metrics.map((id, m) => [id, value(source, second, m)])),
      })),
    ),
  );
  const stages = [cleanStage(testOptions().clean), windowStage(testOptions().window)];
  const beganMs = performance.now();
  const out = runStages(stages, [
    { type: 'tick', nowMs: startMs }, // rows before the first tick would wait for it
    ...batches.map((batch) => ({ type: 'rows' as const, batch })),
    { type: 'tick', nowMs: startMs + 3_600_000 },
  ]);
  const ms = performance.now() - beganMs;
  let sum = 0;
  for (const item of out)
    if (item.type === 'windows' && item.size === '1m')
      for (let m = 0; m < metrics.length; m++)
        for (const mean of item.metrics[metricIndex('air', metrics[m])].mean)
          sum += mean / catalog.air.metrics[metricIndex('air', metrics[m])].resolution;
  return { ms, sum };
}

const rowTimes: number[] = [];
const columnTimes: number[] = [];
let isSame = true;
for (let pass = 0; pass < warmUps + measured; pass++) {
  const a = perRow();
  const b = columns();
  isSame &&= Math.abs(a.sum - b.sum) < 1e-6 * a.sum;
  if (pass < warmUps) continue;
  rowTimes.push(a.ms);
  columnTimes.push(b.ms);
}
if (!isSame) throw new Error('the two ways give different means');
const middle = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1];
const rows = stations * seconds;
process.send?.({
  perRow: rows / (middle(rowTimes) / 1000),
  columns: rows / (middle(columnTimes) / 1000),
  ratio: middle(rowTimes) / middle(columnTimes),
});
