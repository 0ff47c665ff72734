// Draws, once, every fault of an episode: those that the scenario orders and those that happen by themselves.

import { catalog, type Kind, kinds } from '../../../engine/schema/catalog.ts';
import type { Register } from '../../../engine/schema/register.ts';
import type { Draw, Episode, NetworkFault, SensorFault } from '../episode.ts';
import { streamOf, uniform } from '../random.ts';
import { defaultFaults, duplicateShare, reorderDelay, reorderShare } from './defaults.ts';
import type { FaultPlan, FaultRecord } from './faultRecord.ts';
import { allMetrics, gainMetrics } from './instruments.ts';
import { namedIndex, type SourcesByKind, scopedSources, sourcesByKind } from './namedSources.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

// What a scenario's fault is where the file leaves it open [D]; sizes as in SIMULATION.md section 5 and its examples.
const driftPerDay = 0.12;
const stepFactor = 1.5;
const tamperFactor = 0.55;
const spikePerHour = 0.5;
const spikeSize = 200;
const dropoutShare = 0.4;
/** NO2 cells read 0.35 of O3 too [D]. */
const crossCoef = 0.35;
const skewMs = 8 * minuteMs;
const jumpMs = -hourMs;
const zoneMs = 8 * hourMs;
const delay: Draw = { kind: 'lognormal', median: 5 * minuteMs, gsd: 2 };
const burstMs = 15 * minuteMs;
const batchRows = 200;

export function faultPlan(seed: number, register: Pick<Register, 'sources' | 'districts'>, episode: Episode): FaultPlan {
  const byKind = sourcesByKind(register);
  const sourceStreams = Object.fromEntries(
    kinds.map((kind) => [kind, Uint32Array.from(byKind[kind], ({ id }) => streamOf(`${kind} ${id}`))]),
  ) as Record<Kind, Uint32Array>;
  const fromMs = episode.startMs - episode.warmupMs;
  const toMs = episode.startMs + episode.durationMs;
  const span = { seed, fromMs, toMs, sourceStreams };
  return {
    ...span,
    records: [
      ...episode.sensorFaults.flatMap((fault) => sensorRecord(fault, byKind, { seed, startMs: episode.startMs })),
      ...episode.networkFaults.flatMap((fault) => networkRecords(fault, byKind, { seed, startMs: episode.startMs })),
      ...defaultFaults(span, { byKind, districts: register.districts }, episode),
    ],
  };
}

interface Origin {
  readonly seed: number;
  readonly startMs: number;
}

/** None where the source does not exist (`unknownSources` tells). */
function sensorRecord(fault: SensorFault, byKind: SourcesByKind, { seed, startMs }: Origin): FaultRecord[] {
  const source = namedIndex(byKind[fault.sourceKind], fault.source);
  if (source < 0) return [];
  return [
    {
      id: fault.id,
      class: 'sensor_fault',
      kind: fault.kind,
      sourceKind: fault.sourceKind,
      sources: [source],
      fromMs: startMs + fault.fromMs,
      toMs: startMs + fault.toMs,
      isDefault: false,
      ...sensorDetails(fault, seed),
    },
  ];
}

function sensorDetails(fault: SensorFault, seed: number): Pick<FaultRecord, 'metrics'> & Partial<FaultRecord> {
  const { kind, sourceKind, metrics } = fault;
  const orGains = metrics.length > 0 ? metrics : gainMetrics(sourceKind);
  const orAll = metrics.length > 0 ? metrics : allMetrics(sourceKind);
  switch (kind) {
    case 'stuck':
      return { metrics: orAll, dither: 0 };
    case 'drift':
      return { metrics: orGains, ratePerDay: fault.ratePerDay ?? driftPerDay };
    case 'step':
      return { metrics: orGains, factor: fault.factor ?? stepFactor };
    case 'spike':
      return { metrics: orGains, ratePerHour: fault.ratePerHour ?? spikePerHour, size: fault.size ?? spikeSize };
    case 'dropout':
      return { metrics: orAll, share: fault.share ?? dropoutShare, wholeRow: metrics.length === 0 };
    case 'saturate':
      return { metrics: orGains, at: fault.at ?? halfRange(sourceKind, orGains[0]) };
    case 'cross_interference':
      return { metrics: orGains, with: fault.with, coef: fault.coef ?? crossCoef };
    case 'rh_runaway':
      return { metrics: metrics.length > 0 ? metrics : ['pm25', 'pm10'] };
    case 'tamper':
      return tamperDetails(fault, seed);
  }
}

/** Where a sensor that says nothing else ends. */
function halfRange(kind: Kind, metric: string): number {
  return (catalog[kind].metrics.find(({ id }) => id === metric)?.max ?? 0) / 2;
}

/** A covered or sprayed inlet keeps all particles away and makes the air damp, whatever metrics the file names. */
function tamperDetails({ id, sourceKind, metrics, factor = tamperFactor }: SensorFault, seed: number) {
  if (sourceKind === 'air') {
    return { metrics: ['pm25', 'pm10', 'rhPct'], factor, rhRisePct: 15 + 10 * uniform(seed, streamOf(`tamper ${id}`), 0) };
  }
  if (sourceKind === 'dust') return { metrics: ['pm25', 'pm10', 'tsp'], factor };
  return { metrics: metrics.length > 0 ? metrics : gainMetrics(sourceKind), factor };
}

function networkRecords(fault: NetworkFault, byKind: SourcesByKind, { seed, startMs }: Origin): FaultRecord[] {
  const scoped = scopedSources(byKind, fault.scope, { seed, id: fault.id });
  return scoped.map(({ kind, sources }) => ({
    id: scoped.length === 1 ? fault.id : `${fault.id} ${kind}`,
    class: fault.kind.startsWith('clock_') ? ('clock_fault' as const) : ('network_fault' as const),
    kind: fault.kind,
    sourceKind: kind,
    sources,
    metrics: [],
    fromMs: startMs + fault.fromMs,
    toMs: startMs + fault.toMs,
    isDefault: false,
    ...networkDetails(fault),
  }));
}

function networkDetails(fault: NetworkFault): Partial<FaultRecord> {
  switch (fault.kind) {
    case 'outage':
    case 'disconnect':
      return { backfill: fault.backfill ?? true, batch: Math.max(1, fault.batch ?? batchRows) };
    case 'delay':
      return { share: fault.share ?? 1, delayMs: fault.delayMs ?? delay };
    case 'reorder':
      return { share: fault.share ?? reorderShare, delayMs: fault.delayMs ?? reorderDelay };
    case 'duplicate':
      return { share: fault.share ?? duplicateShare };
    case 'burst':
      return { everyMs: fault.delayMs?.kind === 'fixed' ? Math.max(minuteMs, fault.delayMs.value) : burstMs };
    case 'clock_skew':
      return { offsetMs: fault.offsetMs ?? skewMs, grows: fault.grows ?? false };
    case 'clock_jump':
      return { offsetMs: fault.offsetMs ?? jumpMs };
    case 'clock_zone':
      return { offsetMs: fault.offsetMs ?? zoneMs };
    case 'false_alarm':
      return { perDay: fault.perDay };
  }
}
