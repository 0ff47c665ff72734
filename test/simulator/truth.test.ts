// The answer key against a checker of its own that knows only raw rows, register and the documented rules.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Register } from '../../engine/schema/register.ts';
import { parseScenario } from '../../simulator/scenario.ts';
import { makeSimulation } from '../../simulator/simulate.ts';
import type { TruthRecord } from '../../simulator/world/truth/record.ts';
import { testRegister } from '../harness/engine.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** An enterprise with meters and a stack monitor, whose first process runs day and night with a baghouse. */
const monitored = testRegister.enterprises.filter(
  ({ id, permit, processes: [first] }) =>
    id !== 'E-0001' &&
    permit?.limits.pm !== undefined &&
    first.shifts === 'continuous' &&
    first.treatmentMeter !== undefined &&
    first.stack?.cems !== undefined &&
    (first.treatment?.removes.pm ?? 0) > 0.9,
);
const [failing, discharging] = monitored;

const text = `schema: lantian-scenario/1
id: seen
title: what can be seen
seed: 5
clock: { start: 2026-01-07T08:00:00+08:00, duration: 8h, step: 1m, warmup: 2h }
emissions:
  cheat_rate: 0
  events:
    - { id: OFF, kind: control_failure, target: { type: cems, id: ${failing.id} }, pollutant: PM, factor: 60, from: 1h, to: 6h, power: control_off }
    - { id: FAN, kind: fugitive, target: { type: cems, id: E-0001 }, q: { PM25: 6, PMC: 9 }, height: 6, from: 2h, to: 6h }
    - { id: DAY, kind: night_discharge, target: { type: meter, id: ${discharging.id} }, factor: 8, windows: [ "10:00-15:00" ], from: 0h, to: 8h }
    - { id: SITE, kind: dust_no_control, target: { type: site, count: 1, pick: random }, factor: 12, from: 1h, to: 7h }
    - { id: FIRE, kind: fire, count: 1, area_mu: 12, fuel: maize, from: 3h, to: 4h, pick: rural }
sensors: { default_rate: 0 }
network_default_rate: 0
`;

interface Row {
  readonly timeMs: number;
  readonly values: Readonly<Record<string, number>>;
  readonly marks: Readonly<Record<string, number>>;
}

/** Raw rows by source, as a feed would see them. */
const rows = new Map<string, Row[]>();
let truth: ReadonlyMap<string, TruthRecord>;
let startMs: number;

/** Only what the test looks at, so that it is quick: the whole city's air, but few enterprises. */
const register: Register = {
  ...testRegister,
  enterprises: testRegister.enterprises.filter(
    ({ id }) => id === 'E-0001' || monitored.slice(0, 20).some((each) => each.id === id),
  ),
};

beforeAll(() => {
  const { scenario, problems } = parseScenario(text, 'seen');
  expect(problems).toEqual([]);
  const episode = scenario as NonNullable<typeof scenario>;
  startMs = episode.startMs;
  const simulation = makeSimulation(episode, register);
  for (const { frames } of simulation.steps())
    for (const frame of frames)
      for (let row = 0; row < frame.rows; row++) {
        const id = frame.sources[frame.source[row]];
        const list = rows.get(id) ?? [];
        rows.set(id, list);
        list.push({
          timeMs: frame.time[row],
          values: Object.fromEntries(Object.entries(frame.values).map(([name, column]) => [name, column[row]])),
          marks: Object.fromEntries(Object.entries(frame.marks ?? {}).map(([name, column]) => [name, column[row]])),
        });
      }
  expect(simulation.city.activity.unresolved).toEqual([]);
  truth = new Map(simulation.truth().map((record) => [record.id, record]));
});

const detectable = (id: string, channel: 'power' | 'cems' | 'dust' | 'camera' | 'air') =>
  truth.get(id)?.channels?.[channel]?.detectableFromMs;
const processOf = (id: string) => {
  const record = truth.get(id);
  const enterprise = register.enterprises.find((each) => each.id === record?.enterprise);
  const process = enterprise?.processes.find((each) => each.id === record?.process);
  if (enterprise === undefined || process === undefined) throw new Error(`${id} has no process`);
  return { enterprise, process };
};

/** Domain report 2.7: treatment under 5 % for 5 min while production has been on for 10; meters of one process each. */
function treatmentOff(id: string): number | null {
  const { process } = processOf(id);
  const production = rows.get(process.productionMeter ?? '') ?? [];
  const treatment = new Map((rows.get(process.treatmentMeter ?? '') ?? []).map(({ timeMs, values }) => [timeMs, values.kw]));
  let on = 0;
  let off = 0;
  for (const { timeMs, values } of production) {
    const load = (values.kw / process.ratedKw - 0.06) / 0.94;
    on = load >= 0.1 ? on + 1 : 0;
    const kw = treatment.get(timeMs);
    if (kw === undefined || Number.isNaN(kw)) continue; // a missing row proves nothing
    off = on >= 10 && kw / (process.treatment?.ratedKw ?? 1) < 0.05 ? off + 1 : 0;
    if (off === 5) return timeMs + minuteMs;
  }
  return null;
}

/** Domain report 4.4: hourly mean of the converted value against the permit, 45 valid minutes at least. */
function exceedance(id: string): number | null {
  const { enterprise, process } = processOf(id);
  const limit = enterprise.permit?.limits.pm ?? Number.POSITIVE_INFINITY;
  const hours = new Map<number, number[]>();
  for (const { timeMs, values, marks } of rows.get(process.stack?.cems ?? '') ?? []) {
    const isNormal =
      marks.pmConv === undefined ||
      marks.pmConv === 0 ||
      marks.pmConv === 'N'.charCodeAt(0) ||
      marks.pmConv === 'T'.charCodeAt(0);
    if (!isNormal || Number.isNaN(values.pmConv) || values.flowM3S < 0.1 * (process.stack?.flowM3S ?? 0)) continue;
    const hour = Math.floor(timeMs / hourMs);
    hours.set(hour, [...(hours.get(hour) ?? []), values.pmConv]);
  }
  const from = truth.get(id)?.fromMs ?? 0;
  for (const [hour, values] of [...hours].sort((a, b) => a[0] - b[0])) {
    const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
    if ((hour + 1) * hourMs > from && values.length >= 45 && mean > limit) return (hour + 1) * hourMs;
  }
  return null;
}

/** DB13/2934-2019: hour mean of the site less the county's (150 at most) above 80. */
function dustExceedance(site: string, fromMs: number): number | null {
  const district = register.sources.find(({ kind, id }) => kind === 'dust' && id === site)?.district;
  const stations = register.sources.filter(
    (source) => source.kind === 'air' && source.district === district && source.national !== true,
  );
  const hourMean = (ids: readonly string[], hour: number) => {
    const values = ids.flatMap((id) =>
      (rows.get(id) ?? [])
        .filter(({ timeMs, values }) => Math.floor(timeMs / hourMs) === hour && !Number.isNaN(values.pm10))
        .map(({ values }) => values.pm10),
    );
    return values.reduce((sum, each) => sum + each, 0) / values.length;
  };
  for (let hour = Math.floor(fromMs / hourMs); hour < startMs / hourMs + 8; hour++) {
    const county = Math.min(
      150,
      hourMean(
        stations.map(({ id }) => id),
        hour,
      ),
    );
    if (hourMean([site], hour) - county > 80) return (hour + 1) * hourMs;
  }
  return null;
}

describe('when an incident can be seen', () => {
  test('a treatment that is off shows in the sub-meters, at the same minutes as in the rows', () => {
    for (const id of ['OFF', 'DAY']) {
      const found = treatmentOff(id);
      expect(found, id).not.toBeNull();
      expect(Math.abs((found ?? 0) - (detectable('OFF' === id ? 'OFF' : 'DAY', 'power') ?? 0)), id).toBeLessThanOrEqual(
        3 * minuteMs,
      );
    }
  });

  test('a failed baghouse shows in the stack monitor after the same hour as in the rows', () => {
    expect(exceedance('OFF')).not.toBeNull();
    expect(detectable('OFF', 'cems')).toBe(exceedance('OFF'));
  });

  test('with the fan off the stack reads low: no exceedance, but the flow falls', () => {
    expect(exceedance('FAN')).toBeNull();
    const { process } = processOf('FAN');
    const flows = (from: number, to: number) =>
      (rows.get(process.stack?.cems ?? '') ?? [])
        .filter(({ timeMs, values }) => timeMs >= startMs + from && timeMs < startMs + to && !Number.isNaN(values.flowM3S))
        .map(({ values }) => values.flowM3S);
    const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
    expect(mean(flows(2 * hourMs, 6 * hourMs))).toBeLessThan(0.5 * mean(flows(hourMs, 2 * hourMs)));
    expect(truth.get('FAN')?.channels?.cems?.rule).toBe('flow_drop');
    expect(detectable('FAN', 'cems')).toBe(startMs + 2 * hourMs + 15 * minuteMs);
  });

  test('a dust site without covers exceeds in the same hour as in the rows', () => {
    const { site, fromMs } = truth.get('SITE') ?? {};
    const found = dustExceedance(site ?? '', fromMs ?? 0);
    expect(found).not.toBeNull();
    expect(detectable('SITE', 'dust')).toBe(found);
  });

  test('a fire is seen by the cameras that have it in range, and by nobody before it burns', () => {
    const record = truth.get('FIRE-1');
    const at = detectable('FIRE-1', 'camera');
    if (at === undefined || at === null) throw new Error('the fire burns where no camera looks: choose another seed');
    expect(at).toBeGreaterThan(record?.fromMs ?? 0);
    for (const id of record?.channels?.camera?.sources ?? [])
      for (const { timeMs } of rows.get(id) ?? []) expect(timeMs).toBeGreaterThanOrEqual(startMs - 2 * hourMs);
  });

  test('what an incident gives off on top is that of its process, and never starts before it', () => {
    for (const id of ['OFF', 'FAN', 'DAY', 'SITE', 'FIRE-1']) {
      const record = truth.get(id);
      expect(record?.excessGps?.pm25, id).toBeGreaterThan(0);
      for (const channel of Object.values(record?.channels ?? {}))
        if (channel.detectableFromMs !== null) expect(channel.detectableFromMs, id).toBeGreaterThan(record?.fromMs ?? 0);
      if (record?.maxIncrement !== undefined) expect(record.maxIncrement.atMs).toBeGreaterThanOrEqual(record.fromMs);
    }
  });
});
