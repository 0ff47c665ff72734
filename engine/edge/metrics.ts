// Prometheus metrics of a run, read from what the API answers when they are asked for.

import { Counter, Gauge, Registry } from 'prom-client';
import type { LedgerAnswer } from '../schema/ledger.ts';
import type { HealthAnswer, WatermarksAnswer } from '../schema/live.ts';

export interface RunMetrics {
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface RunMetricsOptions {
  readonly ledger: () => LedgerAnswer;
  readonly health: () => HealthAnswer;
  readonly watermarks: () => WatermarksAnswer;
  /** Connections. */
  readonly feeds: () => number;
}

/** Sums that only grow are counters: `lantian_received_rows_total` = the sum of `lantian_rows_total` over the bins. */
export function runMetrics({ ledger, health, watermarks, feeds }: RunMetricsOptions): RunMetrics {
  const registry = new Registry();
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `lantian_${name}`, help, labelNames, registers: [registry] });
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `lantian_${name}`, help, labelNames, registers: [registry] });

  const received = counter('received_rows_total', 'Rows received, by feed and kind', ['feed', 'kind']);
  const rows = counter('rows_total', 'The same rows by bin: each is in exactly one', ['feed', 'kind', 'bin']);
  const reasons = counter('refused_rows_total', 'Rejected, quarantined and shed rows by problem', ['feed', 'kind', 'code']);
  const values = counter('values_total', 'Values by feed, kind and quality', ['feed', 'kind', 'quality']);
  const frames = counter('refused_frames_total', 'Frames refused whole, by problem', ['feed', 'code']);
  const turnFrames = counter('out_of_turn_frames_total', 'Frames not taken: resent, or behind a gap', ['feed', 'why']);
  const turnRows = counter('out_of_turn_rows_total', 'Their rows; not part of the received ones', ['feed', 'why']);

  const queued = gauge('store_queued', 'Outputs (mirrors: points) waiting in memory', ['store']);
  const written = counter('store_written_total', 'Outputs (mirrors: points) written', ['store']);
  const failed = counter('store_failed_total', 'Writes that a store did not take', ['store']);
  const up = gauge('store_up', '1: the last write was taken', ['store']);
  const spool = gauge('store_spool_bytes', 'What waits on disk for a mirror', ['store']);
  const oldest = gauge('store_oldest_seconds', 'How long the oldest that waits for a mirror has waited', ['store']);

  const watermark = gauge('watermark_seconds', 'Watermark of a kind, since the epoch', ['kind']);
  const lag = gauge('watermark_lag_seconds', "Watermark of a kind behind the run's clock", ['kind']);
  const sources = gauge('sources', 'Sources by state: active, lagging, silent, heldBack', ['kind', 'state']);
  const clock = gauge('clock_seconds', "The run's clock, since the epoch");
  const behind = gauge('clock_behind_seconds', "The run's clock behind the present");
  const back = gauge('clock_back_seconds', "The machine's clock behind the present: it was turned back");

  const connected = gauge('feeds', 'Connections of feeds');
  const held = gauge('feeds_held', 'Feeds that wait for the engine now');
  const shed = gauge('feed_shed', '1: rows of this feed are counted and thrown away', ['feed']);
  const full = gauge('disk_full', 'Files that wait for room on a full disk');
  const ready = gauge('ready', '1: /api/health says that the engine is ready');
  const pause = gauge('checkpoint_pause_seconds', 'How long a checkpoint held everything up: the last, the longest', ['which']);
  const memory = gauge('resident_bytes', 'Resident memory');

  function readLedger(): void {
    const { rows: all, refusedFrames, outOfTurn } = ledger();
    for (const row of all) {
      const { feed, kind } = row;
      received.inc({ feed, kind }, row.received);
      for (const [bin, count] of Object.entries(row.bins)) rows.inc({ feed, kind, bin }, count);
      for (const [code, count] of Object.entries(row.reasons)) reasons.inc({ feed, kind, code }, count);
      for (const [quality, count] of Object.entries(row.quality)) values.inc({ feed, kind, quality }, count);
    }
    for (const { feed, codes } of refusedFrames)
      for (const [code, count] of Object.entries(codes)) frames.inc({ feed, code }, count);
    for (const { feed, resentFrames, resentRows, gapFrames, gapRows } of outOfTurn) {
      turnFrames.inc({ feed, why: 'resent' }, resentFrames);
      turnRows.inc({ feed, why: 'resent' }, resentRows);
      turnFrames.inc({ feed, why: 'gap' }, gapFrames);
      turnRows.inc({ feed, why: 'gap' }, gapRows);
    }
  }

  function readHealth(): void {
    const { stores, time, ingest, diskFull, nowMs, checkpointPauseMs, ready: isReady } = health();
    for (const { name: store, ...each } of stores) {
      queued.set({ store }, each.queued);
      written.inc({ store }, each.written);
      failed.inc({ store }, each.failed);
      up.set({ store }, each.ok ? 1 : 0);
      if (each.spoolBytes !== undefined) spool.set({ store }, each.spoolBytes);
      if (each.oldestMs !== undefined) oldest.set({ store }, each.oldestMs / 1000);
    }
    if (nowMs !== null) clock.set(nowMs / 1000);
    behind.set((time?.behindMs ?? 0) / 1000);
    back.set((time?.backMs ?? 0) / 1000);
    connected.set(feeds());
    held.set(ingest?.heldBack ?? 0);
    for (const feed of ingest?.shed ?? []) shed.set({ feed }, 1);
    full.set(diskFull.length);
    ready.set(isReady ? 1 : 0);
    for (const [which, ms] of Object.entries(checkpointPauseMs ?? {})) pause.set({ which }, ms / 1000);
  }

  function readWatermarks(): void {
    for (const { kind, watermarkMs, behindMs, active, lagging, silent, heldBack = [] } of watermarks().kinds) {
      watermark.set({ kind }, watermarkMs / 1000);
      lag.set({ kind }, behindMs / 1000);
      const counts = { active, lagging, silent, heldBack: heldBack.reduce((sum, each) => sum + each.sources, 0) };
      for (const [state, count] of Object.entries(counts)) sources.set({ kind, state }, count);
    }
  }

  return {
    async read() {
      registry.resetMetrics(); // what is not there any longer goes
      readLedger();
      readHealth();
      readWatermarks();
      memory.set(process.memoryUsage().rss);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
