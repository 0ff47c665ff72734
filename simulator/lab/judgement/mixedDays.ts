// Two days with something of everything, drawn from a seed: the scenarios that the rules are judged on.

import { streamOf, uniform } from '../../world/random.ts';

/** Of one scenario. */
export const daysEach = 2;
const hours = daysEach * 24;

/** First days, and how much of the fields there is to burn. Half of them are in the heating season. */
const starts = [
  '2025-12-08',
  '2026-01-12',
  '2026-02-02',
  '2025-11-17',
  '2026-03-16',
  '2026-06-09',
  '2026-08-17',
  '2025-10-13',
] as const;
const sensorFaults = ['stuck', 'drift', 'step', 'spike', 'dropout', 'tamper', 'rh_runaway'] as const;
const counties = [
  'taocheng',
  'jizhou',
  'zaoqiang',
  'wuyi',
  'wuqiang',
  'raoyang',
  'anping',
  'gucheng',
  'jing',
  'fucheng',
  'shenzhou',
];

/** The first day of a seed's scenarios. */
export const startOf = (seed: number) => starts[Math.floor(uniform(seed, streamOf('mixed days start'), 0) * starts.length)];

/** A uniform number between two, by name; the same whatever else is drawn. */
type Between = (name: string, low: number, high: number) => number;

/**
 * A scenario file (`lantian-scenario/1`, as JSON, which is YAML too). Each day has two failures of treatment, a fan that is off,
 * three night dischargers, a dust site or two, two fires; of five seeds one has foul air from outside, one fireworks,
 * one a sector that emits more. Besides what happens everywhere by itself: cheats, faults of sensors, clocks and the network at their usual rates.
 * Half of the places are drawn at random, the others where stations can see them: the air could show next to nothing otherwise.
 */
export function mixedDays(seed: number): string {
  const chance = (name: string) => uniform(seed, streamOf(`mixed days ${name}`), 0);
  const between: Between = (name, low, high) => low + (high - low) * chance(name);
  const one = <T>(name: string, list: readonly T[]): T => list[Math.floor(chance(name) * list.length)];
  const start = startOf(seed);
  const wide = seed % 5;
  const days = Array.from({ length: daysEach }, (_, day) => day);
  return JSON.stringify(
    {
      schema: 'lantian-scenario/1',
      id: `mixed-days-${seed}`,
      title: `综合两日 ${seed}`,
      seed,
      clock: { start: `${start}T00:00:00+08:00`, duration: `${daysEach}d`, step: '1m', warmup: '1d', speed: 300 },
      network: { ref: 'hengshui-full' },
      background: wide === 1 ? { inflow: [inflow(between)] } : {},
      emissions: {
        events: [
          ...days.flatMap((day) => eventsOf(day, start.slice(5, 7), between, one)),
          ...(wide === 2 ? [fireworks()] : []),
          ...(wide === 3 ? [areaFactor(between, one)] : []),
        ],
      },
      sensors: { faults: days.map((day) => sensorFault(day, between, one)) },
      network_faults: [
        {
          id: 'N1',
          scope: { county: one('outage place', counties) },
          kind: 'outage',
          ...span(between, 'outage', 0, 40, 1, 4),
          backfill: true,
          batch: 300,
        },
        { id: 'N2', scope: { type: 'camera', share: 0.05 }, kind: 'false_alarm', per_day: 1 },
        { id: 'N3', scope: { type: 'meter', share: 0.03 }, kind: 'clock_skew', seconds: 480 },
      ],
    },
    undefined,
    1,
  );
}

/** Hours after the start as the format has them, whole minutes. */
function span(between: Between, name: string, from: number, to: number, shortest: number, longest: number) {
  const begin = Math.round(between(`${name} from`, from, to) * 60);
  const end = begin + Math.round(between(`${name} length`, shortest, longest) * 60);
  return { from: `${begin}m`, to: `${Math.min(end, hours * 60)}m` };
}

type One = <T>(name: string, list: readonly T[]) => T;
const picks = ['random', 'random', 'near_station', 'seen'] as const;

function eventsOf(day: number, month: string, between: Between, one: One): readonly object[] {
  const at = (hour: number) => day * 24 + hour;
  const target = (name: string, types: readonly string[]) => ({
    type: one(`${name} type`, types),
    pick: one(`${name} pick`, picks),
    rank: Math.floor(between(`${name} rank`, 1, 6)),
  });
  const failure = (name: string) => ({
    id: `failure-${name}`,
    kind: 'control_failure',
    target: target(`failure ${name}`, ['cems', 'voc', 'meter']),
    pollutant: 'all',
    factor: Math.round(between(`failure ${name} factor`, 5, 60)),
    power: one(`failure ${name} power`, ['control_off', 'control_off', 'idle_fan']),
    ...span(between, `failure ${name}`, at(1), at(18), 2, 8),
  });
  const dust = Math.floor(between(`dust ${day} count`, 1, 3));
  return [
    failure(`${day}a`),
    failure(`${day}b`),
    {
      id: `fan-${day}`,
      kind: 'fugitive',
      target: target(`fan ${day}`, ['cems', 'voc', 'meter']),
      height: Math.round(between(`fan ${day} height`, 5, 12)),
      power: 'fan_off',
      ...span(between, `fan ${day}`, at(7), at(18), 2, 5),
    },
    {
      id: `night-${day}`,
      kind: 'night_discharge',
      target: {
        type: one(`night ${day} type`, ['meter', 'gas', 'cems']),
        pick: 'random',
        rank: 1 + 3 * Math.floor(between(`night ${day} rank`, 0, 100) / 3),
        count: 3,
      },
      factor: Math.round(between(`night ${day} factor`, 4, 20)),
      windows: ['22:00-04:30'],
      from: `${at(12)}h`,
      to: `${Math.min(at(36), hours)}h`,
    },
    {
      id: `dust-${day}`,
      kind: 'dust_no_control',
      target: { ...target(`dust ${day}`, ['site']), count: dust },
      factor: Math.round(between(`dust ${day} factor`, 4, 8)),
      ...span(between, `dust ${day}`, at(7), at(15), 2, 8),
    },
    {
      id: `fire-${day}`,
      kind: 'fire',
      count: 2,
      area_mu: 'lognormal(5, 2)',
      fuel: month === '06' ? 'wheat' : 'maize',
      pick: 'rural',
      ...span(between, `fire ${day}`, at(9), at(20), 1, 4),
    },
  ];
}

function inflow(between: Between): object {
  return { ...span(between, 'inflow', 2, 20, 12, 24), ramp: '3h', add: { PM25: 25, PMC: 10, SO4: 12, NO3: 25, SOA: 8, CO: 400 } };
}

function fireworks(): object {
  return {
    id: 'fireworks',
    kind: 'fireworks',
    area: 'population',
    mass_pm25: '6t',
    profile: [
      ['21h', 0.4],
      ['22h', 0.4],
      ['23h', 0.2],
    ],
  };
}

function areaFactor(between: Between, one: One): object {
  return {
    id: 'sector',
    kind: 'area_factor',
    sector: one('sector', ['traffic', 'heating', 'dust']),
    factor: 1.6,
    ...span(between, 'sector', 4, 24, 6, 14),
  };
}

function sensorFault(day: number, between: Between, one: One): object {
  const name = `fault ${day}`;
  const kind = one(`${name} kind`, sensorFaults);
  const station = `S${String(1 + Math.floor(between(`${name} station`, 0, 160))).padStart(3, '0')}`;
  const base = { id: `F${day + 1}`, station, kind, ...span(between, name, day * 24, day * 24 + 14, 6, 20) };
  switch (kind) {
    case 'drift':
      return { ...base, param: ['pm25', 'pm10'], rate_per_day: 0.4 };
    case 'step':
      return { ...base, param: 'pm10', factor: 1.5 };
    case 'spike':
      return { ...base, param: ['pm25', 'pm10'], rate_per_hour: 1, size: 250 };
    case 'dropout':
      return { ...base, share: 0.5 };
    case 'tamper':
      return { ...base, param: ['pm25', 'pm10'], factor: 0.5 };
    case 'stuck':
      return { ...base, param: one(`${name} metric`, ['pm25', 'pm10', 'no2', 'so2']) };
    default:
      return { ...base, param: ['pm25', 'pm10'] };
  }
}
