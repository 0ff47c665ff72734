// Closed windows as the points that InfluxDB-like stores take.

import type { Output, Point, SourceNames } from '../../pipeline/ports.ts';
import { catalog } from '../../schema/catalog.ts';
import { pollutantIds } from '../../schema/window.ts';

/** Windows and places; a metric's flags are a number, bits of `Flag`, and only where there are any; raw rows are not mirrored. A gap has no field; a point without a value is left out. */
export function pointsOf(output: Output, names: SourceNames): Point[] {
  const points: Point[] = [];
  for (const batch of output.windows) {
    const { metrics } = catalog[batch.kind];
    for (let row = 0; row < batch.rows; row++) {
      const fields: Record<string, number> = {};
      let n = 0;
      metrics.forEach((metric, m) => {
        put(fields, metric.id, batch.metrics[m].mean[row]);
        if (batch.metrics[m].flags[row] !== 0) fields[`${metric.id}_flags`] = batch.metrics[m].flags[row];
        n = Math.max(n, batch.metrics[m].count[row]);
      });
      if (n === 0) continue;
      if (batch.air !== undefined) put(fields, 'aqi', batch.air.aqi[row]);
      points.push({
        measurement: `${batch.kind}_${batch.size}`,
        tags: tagsOf(names.id(batch.kind, batch.source[row]), names.district(batch.kind, batch.source[row]), batch.kind),
        fields: { ...fields, n, revision: batch.revision[row] },
        timestampMs: batch.startMs[row],
      });
    }
  }
  for (const batch of output.places) {
    for (let row = 0; row < batch.rows; row++) {
      const fields: Record<string, number> = {};
      for (let i = 0; i < pollutantIds.length; i++) put(fields, pollutantIds[i], batch.mean[i][row]);
      put(fields, 'aqi', batch.air.aqi[row]);
      put(fields, 'aqi24', batch.aqi24[row]);
      points.push({
        measurement: `${batch.scope[row]}_1h`,
        tags: tagsOf(batch.place[row], batch.scope[row] === 'district' ? batch.place[row] : '', 'air'),
        fields: { ...fields, n: batch.stations[row], revision: batch.revision[row] },
        timestampMs: batch.startMs[row],
      });
    }
  }
  return points;
}

function put(fields: Record<string, number>, name: string, value: number): void {
  if (Number.isFinite(value)) fields[name] = value;
}

function tagsOf(source: string, district: string, kind: string): Record<string, string> {
  return district === '' ? { source, kind } : { source, district, kind };
}
