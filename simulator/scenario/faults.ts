// What a scenario file may say of sensors and of the network: `sensors`, `network_faults`.

import { catalog } from '../../engine/schema/catalog.ts';
import type { NetworkFault, Scope, SensorFault, Span } from '../world/episode.ts';
import {
  about,
  type Cell,
  choice,
  complain,
  defaulted,
  type Field,
  list,
  mapped,
  named,
  number,
  oneOrMore,
  optional,
  positive,
  scalar,
  section,
  share,
  whole,
  wordOr,
  yesOrNo,
} from './fields.ts';
import { dictionary, map, type Reading, type Shape, variants } from './maps.ts';
import { county, durationDraw, metric, ownId, type SensorKind, sourceId, span, time } from './units.ts';
import { checkOrder, given } from './weather.ts';

// --- sensors

const sensorKind = choice('air', 'cems', 'voc', 'dust', 'site', 'power', 'meter');
const kindOf = (name: Reading<{ a: typeof sensorKind }>['a']): SensorKind =>
  name === 'site' ? 'dust' : name === 'meter' ? 'power' : name;

/** Keys of every sensor fault. */
const faultShape = {
  id: ownId,
  station: about('An air station: an id of the register, or S012 for the twelfth.', optional(sourceId)),
  source: about('Any other source by its id; then type is needed.', optional(sourceId)),
  type: optional(sensorKind),
  param: about('Metrics; absent: all of the source.', optional(oneOrMore(metric))),
  from: about('Absent: the start.', optional(time)),
  to: about('Absent: the end.', optional(time)),
};

const isMetricOf = (kind: SensorKind, id: string) => catalog[kind].metrics.some((each) => each.id === id);

function sensorFault<S extends Shape>(kind: SensorFault['kind'], shape: S): Field<SensorFault> {
  const all = map(
    { ...faultShape, kind: choice(kind), ...shape },
    {
      oneOf: ['station', 'source'],
      needs: { source: ['type'] },
      excludes: { station: ['source', 'type'] },
      check(value, at) {
        const { type, param, from, to } = value as Reading<typeof faultShape>;
        const source = kindOf(type ?? 'air');
        const wrong = (param ?? []).find((id) => !isMetricOf(source, id));
        if (wrong !== undefined) complain(at('param'), `is no metric of ${source}`, metricsOf(source));
        const other = (value as { with?: string }).with;
        if (other !== undefined && !isMetricOf(source, other))
          complain(at('with'), `is no metric of ${source}`, metricsOf(source));
        if (from !== undefined && to !== undefined) checkOrder(from, to, at);
      },
    },
  );
  return mapped(all as Field<unknown>, (value, cell) => {
    const { id, station, source, type, param, from, to } = value as Reading<typeof faultShape>;
    const own = Object.fromEntries(
      Object.keys(shape).map((key) => [faultKeys[key] ?? key, (value as Record<string, unknown>)[key]]),
    );
    return given<SensorFault>({
      id,
      kind,
      source: station ?? source ?? '',
      sourceKind: kindOf(type ?? 'air'),
      metrics: param ?? [],
      ...spanOf(from, to, cell),
      ...own,
    });
  });
}

const faultKeys: Readonly<Record<string, string>> = { rate_per_day: 'ratePerDay', rate_per_hour: 'ratePerHour' };
const metricsOf = (kind: SensorKind) => catalog[kind].metrics.map(({ id }) => id).join(', ');

/** From the start to the end where nothing is said. */
function spanOf(fromMs: number | undefined, toMs: number | undefined, { context }: Cell): Span {
  return { fromMs: fromMs ?? 0, toMs: toMs ?? context.durationMs };
}

const anyFault: Field<SensorFault> = variants('kind', {
  stuck: sensorFault('stuck', {}),
  drift: sensorFault('drift', { rate_per_day: about('Share a day.', number(-2, 2)) }),
  step: sensorFault('step', { factor: about('Times this, from then on.', positive(20)) }),
  spike: sensorFault('spike', {
    rate_per_hour: defaulted(positive(60), 0.5),
    size: about('How high, in the unit of the metric.', defaulted(positive(10_000), 200)),
  }),
  dropout: sensorFault('dropout', { share: about('Share of rows that are missing.', share) }),
  saturate: sensorFault('saturate', { at: about('Not above this.', number(0, 100_000)) }),
  cross_interference: sensorFault('cross_interference', {
    with: about('The metric that disturbs.', metric),
    coef: about('How much of it is added.', number(-10, 10)),
  }),
  rh_runaway: sensorFault('rh_runaway', {}),
  tamper: sensorFault('tamper', { factor: about('Covered, sprayed or filtered: times this.', defaulted(positive(5), 0.55)) }),
});

const sensorModel = map({
  noise: about('Standard deviation at 0, in the unit of the metric.', optional(number(0, 10_000))),
  rel: about('Share of the value that is added to the noise.', optional(share)),
  gain_sd: optional(share),
  bias: optional(number(-10_000, 10_000)),
  drift_month: optional(number(-1, 1)),
  rh_kappa: optional(number(0, 5)),
});

export const sensors = section(
  map({
    defaults: about(
      'What the sensors are like, by class and metric: a remark for the reader. The simulator has its own values.',
      optional(
        dictionary(
          /^(?:national|micro|cems|voc|dust|power|meter)$/,
          'national, micro, cems, voc, dust, power, meter',
          dictionary(/^[a-z][A-Za-z0-9]*$/, 'metrics', sensorModel),
        ),
      ),
    ),
    default_rate: about('Times the realistic rates of faults that nobody ordered; 0: none.', defaulted(number(0, 100), 1)),
    faults: optional(list(anyFault)),
  }),
);

// --- network

const scopeKind = choice(
  'air',
  'station',
  'cems',
  'voc',
  'dust',
  'site',
  'power',
  'meter',
  'camera',
  'vehicle',
  'petition',
  'forecast',
);

function scopeKindOf(name: ReturnType<typeof scopeKind.parse>): Scope['kind'] {
  return name === 'station' ? 'air' : name === 'site' ? 'dust' : name === 'meter' ? 'power' : name;
}

const scope: Field<Scope> = mapped(
  named(
    'scope',
    wordOr(
      choice('all'),
      map({
        county: optional(county),
        type: optional(scopeKind),
        station: about('One source: an id of the register, or S012.', optional(sourceId)),
        share: about('Share of these sources.', defaulted(share, 1)),
      }),
    ),
  ),
  (value) =>
    value === 'all'
      ? { share: 1 }
      : given<Scope>({ district: value.county, kind: scopeKindOf(value.type), source: value.station, share: value.share }),
);

/** Keys of every network fault. */
const networkShape = {
  id: ownId,
  scope: about('all, or by county, type, station, share.', scope),
  from: about('Absent: the start.', optional(time)),
  to: about('Absent: the end.', optional(time)),
  at: about('The same as from.', optional(time)),
  for: about('How long from at on, instead of to.', optional(span)),
};

type Own = Omit<NetworkFault, 'id' | 'kind' | 'scope' | 'fromMs' | 'toMs'> & { readonly sources?: number };

/** `own` gives what the kind has beyond the common keys; `sources` narrows the scope to a share of it. */
function networkFault<S extends Shape>(
  kind: NetworkFault['kind'],
  shape: S,
  own: (value: Reading<S>) => Own,
): Field<NetworkFault> {
  const all = map(
    { ...networkShape, kind: choice(kind), ...shape },
    {
      needs: { for: ['at'] },
      excludes: { at: ['from', 'to'] },
      check(value, at) {
        const { from, to } = value as Reading<typeof networkShape>;
        if (from !== undefined && to !== undefined) checkOrder(from, to, at);
      },
    },
  );
  return mapped(all as Field<unknown>, (value, cell) => {
    const { id, scope: common, from, to, at, for: lengthMs } = value as Reading<typeof networkShape>;
    const fromMs = at ?? from;
    const endMs = at !== undefined && lengthMs !== undefined ? at + lengthMs : to;
    if (endMs !== undefined && endMs > cell.context.durationMs)
      return complain(cell, 'lasts beyond the end', 'up to clock.duration');
    const { sources = 1, ...rest } = own(value as Reading<S>);
    return given<NetworkFault>({
      id,
      kind,
      scope: { ...common, share: common.share * sources },
      ...spanOf(fromMs, endMs, cell),
      ...rest,
    });
  });
}

const held = {
  backfill: about('The rows come later.', defaulted(yesOrNo, true)),
  batch: about('In portions of so many rows.', defaulted(whole(1, 100_000), 200)),
};
const rows = (value: number) => about('Share of rows.', defaulted(share, value));
const someSources = about('Share of the sources in the scope.', defaulted(share, 1));
const seconds = about('How far the clock is off; negative: behind.', number(-31_536_000, 31_536_000));
const zoneHours = scalar(
  (value) => (typeof value === 'number' && value >= -24 && value <= 24 && value !== 0 ? value : undefined),
  'hours from -24 to 24, not 0',
  { type: 'number', minimum: -24, maximum: 24, not: { const: 0 } },
);

const anyNetworkFault: Field<NetworkFault> = variants('kind', {
  outage: networkFault('outage', held, ({ backfill, batch }) => ({ backfill, batch })),
  disconnect: networkFault('disconnect', held, ({ backfill, batch }) => ({ backfill, batch })),
  delay: networkFault('delay', { delay: durationDraw, share: rows(1) }, ({ delay, share: part }) => ({
    delayMs: delay,
    share: part,
  })),
  reorder: networkFault(
    'reorder',
    { delay: defaulted(durationDraw, 'lognormal(60s, 3)'), share: rows(0.004) },
    ({ delay, share: part }) => ({ delayMs: delay, share: part }),
  ),
  duplicate: networkFault('duplicate', { share: rows(0.002) }, ({ share: part }) => ({ share: part })),
  burst: networkFault(
    'burst',
    { every: about('Rows wait and come together once in so long.', defaulted(span, '15m')) },
    ({ every }) => ({
      delayMs: { kind: 'fixed', value: every },
    }),
  ),
  clock_skew: networkFault(
    'clock_skew',
    {
      seconds,
      share: someSources,
      grows: about('From 0 at from to seconds at to; false: the whole time.', defaulted(yesOrNo, true)),
    },
    ({ seconds: off, share: sources, grows }) => ({ offsetMs: off * 1_000, grows, sources }),
  ),
  clock_jump: networkFault('clock_jump', { seconds, share: someSources }, ({ seconds: off, share: sources }) => ({
    offsetMs: off * 1_000,
    sources,
  })),
  clock_zone: networkFault('clock_zone', { hours: zoneHours, share: someSources }, ({ hours, share: sources }) => ({
    offsetMs: hours * 3_600_000,
    sources,
  })),
  false_alarm: networkFault(
    'false_alarm',
    { per_day: about('A day and camera.', defaulted(number(0, 1_000), 2)) },
    ({ per_day }) => ({
      perDay: per_day,
    }),
  ),
});

export const networkFaults: Field<readonly NetworkFault[]> = list(anyNetworkFault);
