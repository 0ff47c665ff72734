// Small outputs of a run for store tests: one hour of stations through the real stages.

import { configFrom, pipelineOptions } from '../../engine/config.ts';
import { startPipeline } from '../../engine/pipeline/pipeline.ts';
import type { Output, SourceNames } from '../../engine/pipeline/ports.ts';
import type { Source } from '../../engine/schema/register.ts';
import { batchOf, type TestRow } from './batches.ts';

export const hourMs = 3_600_000;
export const t0 = Date.parse('2026-01-05T08:00:00+08:00');

/** Of a pipeline without a run: times are not judged against the clock. */
export function testOptions(settings: Readonly<Record<string, unknown>> = {}, city = 'C', districts: readonly string[] = []) {
  const place = (code: string) => ({ code, zh: code, en: code, lon: 0, lat: 0 });
  const options = pipelineOptions(configFrom(settings), {
    city: place(city),
    districts: districts.map(place),
    enterprises: [],
    townships: [],
    inspectors: [],
  });
  return { ...options, clean: { ...options.clean, maxFutureMs: 1e12 } };
}

export function namesOf(ids: readonly string[], district = '131102'): SourceNames {
  return { id: (_, index) => ids[index], district: () => district };
}

/** Hourly rows of stations (by position) pushed tick by tick; every output that came of it. */
export function outputsOf(
  ids: readonly string[],
  blocks: readonly (readonly { readonly station: number; readonly hour: number; readonly values: TestRow['values'] }[])[],
): Output[] {
  const outputs: Output[] = [];
  const running = startPipeline(testOptions({ edition: 'cnemc' }, '131100', ['131102']), (output) => outputs.push(output));
  const sources: Source[] = ids.map((id) => ({ kind: 'air', id, zh: id, district: '131102' }));
  running.push({ type: 'command', command: { name: 'sources', kind: 'air', first: 0, sources } });
  let nowMs = t0;
  for (const rows of blocks) {
    running.push({
      type: 'rows',
      batch: batchOf(
        'air',
        rows.map(({ station, hour, values }) => ({ source: station, eventMs: t0 + hour * hourMs, periodMs: hourMs, values })),
      ),
    });
    nowMs = Math.max(nowMs, ...rows.map(({ hour }) => t0 + (hour + 1) * hourMs + 180_000)) + 1000;
    running.push({ type: 'tick', nowMs });
  }
  return outputs;
}

/** Files of a run that are the same for equal runs: all but `run.json`. */
export const equalFiles: readonly string[] = [
  'windows-1h.ndjson',
  'city-1h.ndjson',
  'revisions.ndjson',
  'late.ndjson',
  'rejected.ndjson',
  'findings.ndjson',
  'incidents.ndjson',
  'audit.ndjson',
  'warnings.ndjson',
  'orders.ndjson',
  'ledger.json',
  'input.journal',
];
