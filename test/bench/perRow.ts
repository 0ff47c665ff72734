// The same minute windows by idiomatic per-row RxJS and by our stages, in one process: a ratio.

import { groupBy, map, mergeMap, reduce, Subject, windowCount } from 'rxjs';
import { cleanStage } from '../../engine/stages/clean/clean.ts';
import { windowStage } from '../../engine/stages/window/window.ts';
import { batchOf, runStages } from '../harness/batches.ts';

const stations = 162;
const seconds = 600;
const startMs = Date.parse('2026-01-05T00:00:00+08:00');
const value = (station: number, second: number) => 100 + ((station * 7 + second * 13) % 400);

/** One object a row through groupBy, window and reduce: mean of each station and minute. */
function perRow(): { readonly ms: number; readonly sum: number } {
  const beganMs = performance.now();
  let sum = 0;
  const rows = new Subject<{ readonly source: number; readonly eventMs: number; readonly pm25: number }>();
  rows
    .pipe(
      groupBy((row) => row.source),
      mergeMap((station) =>
        station.pipe(
          windowCount(60),
          mergeMap((minute) =>
            minute.pipe(reduce((total, row) => ({ count: total.count + 1, sum: total.sum + row.pm25 }), { count: 0, sum: 0 })),
          ),
          map(({ count, sum: total }) => (count === 0 ? 0 : total / count)),
        ),
      ),
    )
    .subscribe((mean) => {
      sum += mean;
    });
  for (let second = 0; second < seconds; second++) {
    for (let source = 0; source < stations; source++)
      rows.next({ source, eventMs: startMs + second * 1000, pm25: value(source, second) });
  }
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
        values: { pm25: value(source, second) },
      })),
    ),
  );
  const stages = [
    cleanStage({ maxFutureMs: 1e12 }),
    windowStage({ holdMs: 120_000, horizonMs: { '1m': 900_000, '5m': 7_200_000, '1h': 172_800_000 } }),
  ];
  const beganMs = performance.now();
  const out = runStages(stages, [
    ...batches.map((batch) => ({ type: 'rows' as const, batch })),
    { type: 'tick', nowMs: startMs + 3_600_000 },
  ]);
  const ms = performance.now() - beganMs;
  let sum = 0;
  for (const item of out)
    if (item.type === 'windows' && item.size === '1m') for (const mean of item.metrics[0].mean) sum += mean * 10;
  return { ms, sum };
}

perRow();
columns();
const a = perRow();
const b = columns();
const rows = stations * seconds;
process.send?.({
  perRow: rows / (a.ms / 1000),
  columns: rows / (b.ms / 1000),
  ratio: a.ms / b.ms,
  sameSum: Math.abs(a.sum - b.sum) < 1e-3,
});
