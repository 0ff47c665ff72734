// Faults that happen by themselves at realistic rates: drawn per source and day, so that no other fault and no length moves them.

import { type Kind, kinds } from '../../../engine/schema/catalog.ts';
import type { Register, Source } from '../../../engine/schema/register.ts';
import { drawn } from '../draw.ts';
import type { Draw, Episode } from '../episode.ts';
import { streamOf, uniform } from '../random.ts';
import type { FaultPlan, FaultRecord } from './faultRecord.ts';
import { allMetrics, instrumentsOf } from './instruments.ts';
import type { SourcesByKind } from './namedSources.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const daysPerYear = 365.25;
const daysPerMonth = daysPerYear / 12;

type Span = Pick<FaultPlan, 'seed' | 'fromMs' | 'toMs' | 'sourceStreams'>;
/** A uniform number of the fault at hand, by a name. */
type Chance = (name: string) => number;
type Details = Pick<FaultRecord, 'metrics'> & Partial<FaultRecord>;

/** A fault that comes to a source on some days and lasts. */
interface Rule {
  readonly class: FaultRecord['class'];
  readonly kind: FaultRecord['kind'];
  /** How often it comes to a source. */
  readonly perYear: (source: Source) => number;
  readonly lastsMs: Draw;
  /** Longer ones are cut to this; also how far before the plan's time it may have begun. */
  readonly longestMs: number;
  /** Those before the plan's time are left out, though they may still last. */
  readonly onlyNew?: boolean;
  readonly details: (kind: Kind, chance: Chance) => Details;
}

const instrumentKinds: readonly Kind[] = ['air', 'cems', 'voc', 'dust'];
const isInstrument = ({ kind }: Source) => instrumentKinds.includes(kind);
/** Complaints and forecasts come from servers with a right clock and their own network [D]. */
const isInField = ({ kind }: Source) => kind !== 'petition' && kind !== 'forecast';

function pickInstrument(kind: Kind, chance: Chance): readonly string[] {
  const all = instrumentsOf(kind);
  return all[Math.floor(chance('instrument') * all.length)];
}

// SIMULATION.md section 5, second table [D]. Lengths other than that of `stuck` are not given there: our choice [D].
const rules: readonly Rule[] = [
  {
    class: 'sensor_fault',
    kind: 'stuck',
    // A meter is a far simpler device than an analyser: a tenth of its rate [D].
    perYear: (source) => (isInstrument(source) ? 0.3 : source.kind === 'power' ? 0.03 : 0),
    lastsMs: { kind: 'lognormal', median: 9 * hourMs, gsd: 3 },
    longestMs: 7 * dayMs,
    // Most often one instrument hangs, else the logger with everything; an analogue input trembles.
    details: (kind, chance) => ({
      metrics: chance('whole') < 0.3 ? allMetrics(kind) : pickInstrument(kind, chance),
      dither: chance('dither') < 0.3 ? 1 : 0,
    }),
  },
  {
    class: 'sensor_fault',
    kind: 'drift',
    perYear: (source) => (isInstrument(source) ? 0.5 : 0),
    lastsMs: { kind: 'lognormal', median: 3 * dayMs, gsd: 2 },
    longestMs: 14 * dayMs,
    details: (kind, chance) => ({
      metrics: pickInstrument(kind, chance),
      ratePerDay: (chance('sign') < 0.5 ? -1 : 1) * (0.08 + 0.07 * chance('rate')),
    }),
  },
  {
    class: 'sensor_fault',
    kind: 'step',
    perYear: (source) => (isInstrument(source) ? 0.3 : 0),
    lastsMs: { kind: 'lognormal', median: 5 * dayMs, gsd: 2 },
    longestMs: 21 * dayMs,
    // The table's range without its middle, where a step would be none.
    details: (kind, chance) => ({
      metrics: pickInstrument(kind, chance),
      factor: chance('sign') < 0.5 ? 0.6 + 0.25 * chance('factor') : 1.15 + 0.35 * chance('factor'),
    }),
  },
  {
    class: 'maintenance',
    kind: 'swap',
    perYear: (source) => (isInstrument(source) ? 1 / 30 : 0),
    lastsMs: { kind: 'fixed', value: 365 * dayMs },
    longestMs: 365 * dayMs,
    // One before the episode is the device that the station simply has.
    onlyNew: true,
    details: (kind, chance) => ({ metrics: pickInstrument(kind, chance), factor: 0.9 + 0.2 * chance('factor') }),
  },
  {
    // Clocks: the table's share of sources that are wrong at a time = how often it comes, times how long it lasts.
    class: 'clock_fault',
    kind: 'clock_skew',
    perYear: (source) => (isInField(source) ? (0.01 / 30) * daysPerYear : 0),
    lastsMs: { kind: 'fixed', value: 30 * dayMs },
    longestMs: 30 * dayMs,
    details: (_, chance) => ({ metrics: [], offsetMs: (chance('sign') < 0.5 ? -1 : 1) * 8 * minuteMs, grows: true }),
  },
  {
    class: 'clock_fault',
    kind: 'clock_jump',
    perYear: (source) => (isInField(source) ? 0.001 * daysPerYear : 0),
    lastsMs: { kind: 'uniform', low: 6 * hourMs, high: 42 * hourMs },
    longestMs: 42 * hourMs,
    details: () => ({ metrics: [], offsetMs: -hourMs }),
  },
  {
    class: 'clock_fault',
    kind: 'clock_zone',
    perYear: (source) => (isInField(source) ? (0.0005 / 30) * daysPerYear : 0),
    lastsMs: { kind: 'fixed', value: 30 * dayMs },
    longestMs: 30 * dayMs,
    details: () => ({ metrics: [], offsetMs: 8 * hourMs }),
  },
];

/** Micro stations with three times the humidity response. */
const rhRunawayShare = 0.01;

/** Spikes: 2 % of the stations have .02 an hour, LN(200, 1.6) high, of 1 to 3 minutes. */
const spikyShare = 0.02;
const spikesPerHour = 0.02;
const spikeHeight: Draw = { kind: 'lognormal', median: 200, gsd: 1.6 };
const spikyKinds: readonly Kind[] = ['air', 'dust'];

/** Shares of all rows: .2 % twice, .4 % out of order, and .01 % ("rarely" [D]) up to 6 h late. */
export const duplicateShare = 0.002;
export const reorderShare = 0.004;
export const reorderDelay: Draw = { kind: 'lognormal', median: minuteMs, gsd: 3 };
const lateShare = 0.0001;

/** One a county and month, of 2 to 6 hours; history comes in portions of 200 to 500 rows. */
const outagesPerDay = 1 / daysPerMonth;

export function defaultFaults(
  span: Span,
  { byKind, districts }: { readonly byKind: SourcesByKind; readonly districts: Register['districts'] },
  { sensorFaultRate, networkFaultRate }: Pick<Episode, 'sensorFaultRate' | 'networkFaultRate'>,
): readonly FaultRecord[] {
  const ofSensors =
    sensorFaultRate > 0 ? [...runaways(span, byKind, sensorFaultRate), ...spikes(span, byKind, sensorFaultRate)] : [];
  const ofDays = rules.flatMap((rule) => {
    const rate = rule.class === 'clock_fault' ? networkFaultRate : sensorFaultRate;
    return rate > 0 ? daily(span, byKind, { rule, rate }) : [];
  });
  const ofNetwork =
    networkFaultRate > 0
      ? [...careless(span, byKind, networkFaultRate), ...outages(span, { byKind, districts }, networkFaultRate)]
      : [];
  return [...ofSensors, ...ofDays, ...ofNetwork];
}

/** A rule's faults at all sources on all days that can matter. */
function daily(span: Span, byKind: SourcesByKind, { rule, rate }: { readonly rule: Rule; readonly rate: number }): FaultRecord[] {
  const { seed, fromMs, toMs } = span;
  const found: FaultRecord[] = [];
  const named = streamOf(`default ${rule.kind}`);
  const first = Math.floor((fromMs - (rule.onlyNew ? 0 : rule.longestMs)) / dayMs);
  const last = Math.ceil(toMs / dayMs);
  for (const kind of kinds) {
    for (const [index, source] of byKind[kind].entries()) {
      const perDay = (rule.perYear(source) / daysPerYear) * rate;
      if (perDay === 0) continue;
      const stream = (named ^ span.sourceStreams[kind][index]) >>> 0;
      for (let day = first; day < last; day++) {
        if (uniform(seed, stream, day) >= perDay) continue;
        const chance: Chance = (name) => uniform(seed, (stream ^ streamOf(name)) >>> 0, day);
        const startMs = day * dayMs + Math.floor(chance('start') * 1440) * minuteMs;
        const lastsMs = Math.min(rule.longestMs, drawn(rule.lastsMs, seed, (stream ^ streamOf('length')) >>> 0, day));
        const endMs = startMs + Math.max(1, Math.round(lastsMs / minuteMs)) * minuteMs;
        if (endMs <= fromMs || startMs >= toMs || (rule.onlyNew && startMs < fromMs)) continue;
        found.push({
          id: `default ${rule.kind} ${kind} ${source.id} ${day}`,
          class: rule.class,
          kind: rule.kind,
          sourceKind: kind,
          sources: [index],
          fromMs: startMs,
          toMs: endMs,
          isDefault: true,
          ...rule.details(kind, chance),
        });
      }
    }
  }
  return found;
}

function always(span: Span, kind: Kind, sources: readonly number[]) {
  return { sourceKind: kind, sources, fromMs: span.fromMs, toMs: span.toMs, isDefault: true } as const;
}

function runaways(span: Span, byKind: SourcesByKind, rate: number): FaultRecord[] {
  const stream = streamOf('default rh_runaway');
  const found: FaultRecord[] = [];
  for (const [index, { id, national }] of byKind.air.entries()) {
    if (national || uniform(span.seed, (stream ^ span.sourceStreams.air[index]) >>> 0, 0) >= rhRunawayShare * rate) continue;
    found.push({
      id: `default rh_runaway air ${id}`,
      class: 'sensor_fault',
      kind: 'rh_runaway',
      metrics: ['pm25', 'pm10'],
      ...always(span, 'air', [index]),
    });
  }
  return found;
}

function spikes(span: Span, byKind: SourcesByKind, rate: number): FaultRecord[] {
  const { seed, fromMs, toMs } = span;
  const named = streamOf('default spike');
  const found: FaultRecord[] = [];
  for (const kind of spikyKinds) {
    for (const [index, { id }] of byKind[kind].entries()) {
      const stream = (named ^ span.sourceStreams[kind][index]) >>> 0;
      const of = (name: string) => (stream ^ streamOf(name)) >>> 0;
      if (uniform(seed, of('spiky'), 0) >= spikyShare) continue;
      for (let hour = Math.floor(fromMs / hourMs); hour * hourMs < toMs; hour++) {
        if (uniform(seed, stream, hour) >= spikesPerHour * rate) continue;
        const startMs = hour * hourMs + Math.floor(60 * uniform(seed, of('start'), hour)) * minuteMs;
        found.push({
          ...always(span, kind, [index]),
          id: `default spike ${kind} ${id} ${hour}`,
          class: 'sensor_fault',
          kind: 'spike',
          metrics: ['pm25', 'pm10'],
          fromMs: startMs,
          toMs: startMs + (1 + Math.floor(3 * uniform(seed, of('length'), hour))) * minuteMs,
          size: drawn(spikeHeight, seed, of('height'), hour),
        });
      }
    }
  }
  return found;
}

/** What a careless network does to rows of every kind all the time. */
function careless(span: Span, byKind: SourcesByKind, rate: number): FaultRecord[] {
  return kinds.flatMap((kind) => {
    if (byKind[kind].length === 0) return [];
    const common = { class: 'network_fault', metrics: [], ...always(span, kind, [...byKind[kind].keys()]) } as const;
    return [
      { ...common, id: `default duplicate ${kind}`, kind: 'duplicate', share: duplicateShare * rate },
      { ...common, id: `default reorder ${kind}`, kind: 'reorder', share: reorderShare * rate, delayMs: reorderDelay },
      { ...common, id: `default late ${kind}`, kind: 'late', share: lateShare * rate },
    ] satisfies FaultRecord[];
  });
}

function outages(
  { seed, fromMs, toMs }: Span,
  { byKind, districts }: { readonly byKind: SourcesByKind; readonly districts: Register['districts'] },
  rate: number,
): FaultRecord[] {
  const found: FaultRecord[] = [];
  for (const { code } of districts) {
    const of = (name: string) => streamOf(`default outage ${code} ${name}`);
    const streams = { comes: of('comes'), start: of('start'), length: of('length'), batch: of('batch') };
    for (let day = Math.floor(fromMs / dayMs) - 1; day * dayMs < toMs; day++) {
      if (uniform(seed, streams.comes, day) >= outagesPerDay * rate) continue;
      const startMs = day * dayMs + Math.floor(1440 * uniform(seed, streams.start, day)) * minuteMs;
      const endMs = startMs + Math.round(120 + 240 * uniform(seed, streams.length, day)) * minuteMs;
      if (endMs <= fromMs || startMs >= toMs) continue;
      const batch = 200 + Math.floor(301 * uniform(seed, streams.batch, day));
      for (const kind of kinds) {
        const meant = (index: number) => byKind[kind][index].district === code && isInField(byKind[kind][index]);
        const sources = [...byKind[kind].keys()].filter(meant);
        if (sources.length === 0) continue;
        found.push({
          id: `default outage ${code} ${day} ${kind}`,
          class: 'network_fault',
          kind: 'outage',
          sourceKind: kind,
          sources,
          metrics: [],
          fromMs: startMs,
          toMs: endMs,
          isDefault: true,
          backfill: true,
          batch,
        });
      }
    }
  }
  return found;
}
