// Prometheus metrics of a run, read from the ledger and the stores when they are asked for.

import { Gauge, Registry } from 'prom-client';
import type { Ledger } from '../schema/ledger.ts';
import type { HealthAnswer } from '../schema/live.ts';

export interface RunMetrics {
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export function runMetrics(ledger: () => Ledger, health: () => HealthAnswer): RunMetrics {
  const registry = new Registry();
  const rows = new Gauge({
    name: 'lantian_rows_total',
    help: 'Rows by feed, kind and bin',
    labelNames: ['feed', 'kind', 'bin'],
    registers: [registry],
  });
  const values = new Gauge({
    name: 'lantian_values_total',
    help: 'Values by feed, kind and quality',
    labelNames: ['feed', 'kind', 'quality'],
    registers: [registry],
  });
  const queued = new Gauge({
    name: 'lantian_store_queued',
    help: 'Outputs waiting for a store',
    labelNames: ['store'],
    registers: [registry],
  });
  const failed = new Gauge({
    name: 'lantian_store_failed_total',
    help: 'Writes that a store did not take',
    labelNames: ['store'],
    registers: [registry],
  });
  const memory = new Gauge({ name: 'lantian_resident_bytes', help: 'Resident memory', registers: [registry] });

  return {
    async read() {
      rows.reset();
      values.reset();
      for (const row of ledger().rows) {
        for (const [bin, count] of Object.entries(row.bins)) rows.set({ feed: row.feed, kind: row.kind, bin }, count);
        for (const [quality, count] of Object.entries(row.quality))
          values.set({ feed: row.feed, kind: row.kind, quality }, count);
      }
      for (const store of health().stores) {
        queued.set({ store: store.name }, store.queued);
        failed.set({ store: store.name }, store.failed);
      }
      memory.set(process.memoryUsage().rss);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
