import { describe, expect, test } from 'vitest';
import { type Activity, type ActivityOptions, makeActivity } from '../../../../simulator/world/activity/activity.ts';
import type { World } from '../../../../simulator/world/activity/world.ts';
import type { Control, Incident } from '../../../../simulator/world/episode.ts';
import { episodeOf, hourMs, minuteMs, mondayMs, northWind, obedient, smallCity } from './smallCity.ts';

const city = smallCity();
const once = { rank: 1, count: 1 } as const;

function run(incidents: readonly Incident[], control: Partial<Control> = {}, options: ActivityOptions = {}, cheatRate = 0) {
  return makeActivity(7, city, { ...episodeOf(incidents, control), cheatRate }, northWind, options);
}

function stepTo(activity: Activity, toMs: number, fromMs = mondayMs, everyMs = minuteMs): void {
  for (let ms = fromMs; ms <= toMs; ms += everyMs) activity.step(ms, everyMs);
}

/** All numbers of a world that belong to process `i`. */
function stateOf({ processes, stackGps, roofGps }: World, i: number): readonly number[] {
  const of = Object.values(processes) as (Float32Array | Uint8Array)[];
  const slice = (column: Float32Array) => [...column.subarray(6 * i, 6 * i + 6)];
  return [...of.map((column) => column[i]), ...slice(stackGps), ...slice(roofGps)];
}

const failure: Incident = {
  id: 'F1',
  kind: 'control_failure',
  target: { type: 'cems', pick: 'near_station', ...once },
  pollutant: 'PM',
  factor: 60,
  power: 'control_off',
  fromMs: 9 * hourMs,
  toMs: 12 * hourMs,
};
const leak: Incident = {
  id: 'L1',
  kind: 'fugitive',
  target: { type: 'cems', pick: 'seen', ...once, industry: 'engineering-rubber' },
  emissionGps: { pm25: 6, pmc: 9 },
  heightM: 6,
  fromMs: 9 * hourMs,
  toMs: 12 * hourMs,
};
const dust: Incident = {
  id: 'S1',
  kind: 'dust_no_control',
  target: { type: 'site', pick: 'random', ...once },
  factor: 6,
  fromMs: 9 * hourMs,
  toMs: 12 * hourMs,
};
const night: Incident = {
  id: 'N1',
  kind: 'night_discharge',
  target: { type: 'gas', pick: 'random', rank: 1, count: 3 },
  factor: 8,
  windows: [{ fromMinute: 1320, toMinute: 270 }],
  fromMs: 0,
  toMs: 48 * hourMs,
};
const fires: Incident = {
  id: 'B1',
  kind: 'fire',
  count: 5,
  areaMu: { kind: 'fixed', value: 5 },
  fuel: 'maize',
  at: 'rural',
  detectShare: 0.75,
  fromMs: 9 * hourMs,
  toMs: 11 * hourMs,
};
const all = [failure, leak, dust, night, fires];

describe('the twin', () => {
  test('without an order both worlds are one; computed apart they are equal bit by bit', () => {
    const single = run(all, {}, {}, 20);
    const forced = run(all, {}, { forceTwin: true }, 20);
    for (let ms = mondayMs; ms < mondayMs + 26 * hourMs; ms += 31 * minuteMs) {
      single.step(ms, 31 * minuteMs);
      forced.step(ms, 31 * minuteMs);
      expect(single.noOrders()).toBe(single.factual);
      expect(forced.noOrders()).not.toBe(forced.factual);
      expect(forced.noOrders()).toEqual(forced.factual);
      expect(forced.factual).toEqual(single.factual);
    }
    expect(single.diverged()).toBe(false);
    expect(forced.diverged()).toBe(false);
  });

  test('an order parts the worlds when it takes effect, not before, and for its process only', () => {
    const activity = run(all);
    stepTo(activity, mondayMs + 9 * hourMs);
    expect(activity.order({ id: 'O1', enterprise: 'E-0005', process: 'P1', action: 'stop', effectiveMs: mondayMs })).toBe(true);
    const since = mondayMs + 9 * hourMs;
    stepTo(activity, since + 45 * minuteMs, since + minuteMs);
    expect(activity.diverged()).toBe(false);
    stepTo(activity, since + 4 * hourMs, since + 46 * minuteMs);
    expect(activity.diverged()).toBe(true);
    const without = activity.noOrders();
    const i = 8; // E-0005 P1, round the clock
    expect(activity.factual.processes.load[i]).toBe(0);
    expect(activity.factual.processes.treatment[i]).toBe(0);
    expect(without.processes.load[i]).toBeGreaterThan(0.5);
    for (let p = 0; p < 80; p++) {
      if (p !== i) expect(stateOf(activity.factual, p)).toEqual(stateOf(without, p));
    }
  });

  test('the no-order world is the world of a run in which nobody ordered', () => {
    const ordered = run(
      all,
      { mode: 'scripted', scripted: [{ id: 'R', level: 'red', fromMs: 0, toMs: 40 * hourMs, kinds: [] }] },
      {},
      20,
    );
    const free = run(all, {}, {}, 20);
    for (let ms = mondayMs; ms < mondayMs + 30 * hourMs; ms += 5 * minuteMs) {
      ordered.step(ms, 5 * minuteMs);
      free.step(ms, 5 * minuteMs);
    }
    expect(ordered.diverged()).toBe(true);
    expect(ordered.noOrders()).toEqual(free.factual);
    expect(ordered.factual).not.toEqual(free.factual);
    expect(ordered.factual.traffic).toBeLessThan(free.factual.traffic);
  });

  test('the cut in kg is the difference of both worlds over time', () => {
    const activity = run([]);
    activity.order({ id: 'O1', enterprise: 'E-0005', action: 'limit', toPct: 30, effectiveMs: mondayMs });
    let kg = 0;
    for (let ms = mondayMs; ms < mondayMs + 12 * hourMs; ms += minuteMs) {
      activity.step(ms, minuteMs);
      const [factual, without] = [activity.factual.stackGps, activity.noOrders().stackGps];
      kg += ((without[8 * 6 + 3] - factual[8 * 6 + 3]) * 60) / 1000;
    }
    const label = activity.labels().find(({ id }) => id === 'O1');
    expect(label?.order?.obedience).toBe('comply');
    expect(kg).toBeGreaterThan(1);
    expect(label?.order?.cutKg.nox).toBeCloseTo(kg, 9);
  });

  test('who moves production to the night with the treatment off gives off more than without an order', () => {
    const cheats = { ...obedient, comply: 0, cheat: 1, cheatStyles: ['control_off'] as const };
    const activity = run([], { response: cheats });
    activity.order({ id: 'O1', enterprise: 'E-0002', process: 'P1', action: 'stop', effectiveMs: mondayMs });
    stepTo(activity, mondayMs + 23 * hourMs);
    const i = 2; // E-0002 P1, a day shift
    expect(activity.noOrders().processes.load[i]).toBe(0);
    expect(activity.factual.processes.load[i]).toBeCloseTo(0.9, 6);
    expect(activity.factual.processes.treatment[i]).toBe(0);
    expect(activity.factual.processes.removal[i]).toBe(0);
    const label = activity.labels().find(({ id }) => id === 'O1');
    expect(label?.order).toMatchObject({ obedience: 'cheat', style: 'control_off' });
    expect(label?.order?.cutKg.pm25).toBeLessThan(0);
  });
});

describe('incidents', () => {
  test('one more incident leaves every other process as it was, bit by bit', () => {
    const before = run([failure, night, fires], {}, {}, 20);
    const after = run([failure, leak, night, fires, dust], {}, {}, 20);
    const hit = after.labels().find(({ id }) => id === 'L1');
    const index = city.enterprises.findIndex(({ id }) => id === hit?.enterprise) * 2;
    for (let ms = mondayMs; ms < mondayMs + 14 * hourMs; ms += 3 * minuteMs) {
      before.step(ms, 3 * minuteMs);
      after.step(ms, 3 * minuteMs);
      for (let p = 0; p < 80; p++) {
        if (p !== index) expect(stateOf(after.factual, p)).toEqual(stateOf(before.factual, p));
      }
    }
    expect(after.fields).toEqual(before.fields);
    expect(hit?.enterprise).toBeDefined();
  });

  test('a failing baghouse gives the factor, draws nothing, and its excess is what it adds', () => {
    const activity = run([failure]);
    const usual = run([]);
    stepTo(activity, mondayMs + 10 * hourMs);
    stepTo(usual, mondayMs + 10 * hourMs);
    const [excess] = activity.excesses();
    const i = excess.index;
    const [now, before] = [activity.factual.processes, usual.factual.processes];
    expect(now.pmGps[i] / before.pmGps[i]).toBeCloseTo(60, 3);
    expect(now.noxGps[i]).toBe(before.noxGps[i]);
    expect(now.treatment[i]).toBe(0);
    expect(before.treatment[i]).toBeGreaterThan(0.5);
    expect(now.load[i]).toBe(before.load[i]);
    expect(excess).toMatchObject({ id: 'F1', at: 'stack', heightM: 30 });
    expect(excess.gps[0] + excess.gps[1]).toBeCloseTo(now.pmGps[i] - before.pmGps[i], 5);
    expect(activity.visible()).toMatchObject([{ id: 'F1/smoke', type: 'smoke' }]);
    expect(activity.nuisances()).toMatchObject([{ category: 'smoke' }]);
  });

  test('an idle fan keeps drawing power while it removes nothing', () => {
    const activity = run([{ ...failure, power: 'idle_fan' }]);
    stepTo(activity, mondayMs + 10 * hourMs);
    const i = activity.excesses()[0].index;
    expect(activity.factual.processes.treatment[i]).toBeGreaterThan(0.8);
    expect(activity.factual.processes.removal[i]).toBeCloseTo(1 - 59 / 99, 6);
  });

  test('after it all is as usual again', () => {
    const activity = run([failure, leak]);
    const usual = run([]);
    stepTo(activity, mondayMs + 12 * hourMs);
    stepTo(usual, mondayMs + 12 * hourMs);
    expect(activity.factual).toEqual(usual.factual);
    expect(activity.excesses()).toEqual([]);
  });

  test('an induced-draft fan that is off leaks the given mass at the roof, the stack keeps a tenth', () => {
    const activity = run([leak]);
    const usual = run([]);
    stepTo(activity, mondayMs + 10 * hourMs);
    stepTo(usual, mondayMs + 10 * hourMs);
    const roof = activity.excesses().find(({ at }) => at === 'roof');
    const stack = activity.excesses().find(({ at }) => at === 'stack');
    const i = roof?.index ?? -1;
    expect(roof).toMatchObject({ heightM: 6 });
    expect(activity.factual.roofGps[6 * i]).toBe(6);
    expect(activity.factual.roofGps[6 * i + 1]).toBe(9);
    expect(activity.factual.processes.capture[i]).toBeCloseTo(0.1, 6);
    expect(activity.factual.processes.pmGps[i] / usual.factual.processes.pmGps[i]).toBeCloseTo(0.1, 5);
    expect(stack?.gps[0]).toBeLessThan(0);
    expect(activity.nuisances()[0].category).toBe('smell');
  });

  test('night discharge works in its windows only, with the treatment off', () => {
    const activity = run([night]);
    stepTo(activity, mondayMs + 12 * hourMs, mondayMs, 10 * minuteMs);
    expect(activity.excesses()).toEqual([]);
    stepTo(activity, mondayMs + 23 * hourMs, mondayMs + 12 * hourMs, 10 * minuteMs);
    const hit = [...new Set(activity.excesses().map(({ index }) => index))];
    expect(hit).toHaveLength(3);
    for (const i of hit) {
      expect(activity.factual.processes.load[i]).toBeGreaterThanOrEqual(0.89);
      expect(activity.factual.processes.treatment[i]).toBe(0);
    }
    expect(activity.labels().map(({ id }) => id)).toEqual(['N1-1', 'N1-2', 'N1-3']);
  });

  test('a site without covering gives six times the dust', () => {
    const activity = run([dust]);
    const usual = run([]);
    stepTo(activity, mondayMs + 10 * hourMs);
    stepTo(usual, mondayMs + 10 * hourMs);
    const [{ index, gps }] = activity.excesses();
    expect(activity.factual.siteGps[2 * index] / usual.factual.siteGps[2 * index]).toBeCloseTo(6, 4);
    expect(gps[1]).toBeCloseTo(activity.factual.siteGps[2 * index + 1] - usual.factual.siteGps[2 * index + 1], 6);
    const label = activity.labels()[0];
    expect(label).toMatchObject({ class: 'incident', kind: 'dust_no_control', site: `D${index}` });
    expect(label.excessGps.pmc).toBeGreaterThan(0);
  });

  test('a field of 5 mu maize burns half an hour at 9.8 g/s PM2.5, far from every seat', () => {
    const activity = run([fires]);
    expect(activity.fields).toHaveLength(5);
    for (const field of activity.fields) {
      expect(field.endMs - field.startMs).toBe(30 * minuteMs);
      expect(field.gps[0]).toBeCloseTo(9.76, 1);
      expect(Math.min(Math.hypot(field.x, field.y), Math.hypot(field.x - 9000, field.y))).toBeGreaterThan(2000 - 20);
      expect(field.startMs).toBeGreaterThanOrEqual(mondayMs + 9 * hourMs);
      expect(field.endMs).toBeLessThanOrEqual(mondayMs + 11 * hourMs);
    }
    activity.step(activity.fields[0].startMs, minuteMs);
    expect(activity.visible()).toContainEqual(
      expect.objectContaining({ id: 'B1-1/fire', type: 'fire', strength: 1, detectShare: 0.75 }),
    );
  });

  test('a fire upwind of a station stands where the wind comes from', () => {
    const activity = run([{ ...fires, count: 1, at: { station: 'A2', distanceM: 2500 } }]);
    expect(activity.fields[0].x).toBeCloseTo(3000, -1);
    expect(activity.fields[0].y).toBeCloseTo(-900 + 2500, -1);
  });

  test('fireworks give off their mass by the profile', () => {
    const profile = [[18 * hourMs, 0.4] as const, [19 * hourMs, 0.6] as const];
    const activity = run([
      { id: 'W', kind: 'fireworks', massPm25Kg: 1000, so2Ratio: 0.25, profile, fromMs: 18 * hourMs, toMs: 20 * hourMs },
    ]);
    let kg = 0;
    for (let ms = mondayMs; ms < mondayMs + 24 * hourMs; ms += minuteMs) {
      activity.step(ms, minuteMs);
      kg += activity.fireworksGps[0] * 0.06;
    }
    expect(kg).toBeCloseTo(1000, 6);
    expect(activity.labels()[0].excessGps.so2).toBeCloseTo((1000 * 0.25 * 1000) / 7200, 6);
  });

  test('a sector factor scales that sector only', () => {
    const factor = (sector: 'industry' | 'traffic' | 'voc'): Incident => ({
      id: sector,
      kind: 'area_factor',
      sector,
      factor: 1.5,
      fromMs: 0,
      toMs: 24 * hourMs,
    });
    const [usual, industry, traffic, voc] = [[], [factor('industry')], [factor('traffic')], [factor('voc')]].map((incidents) => {
      const activity = run(incidents);
      activity.step(mondayMs + 10 * hourMs, minuteMs);
      return activity.factual;
    });
    expect(industry.stackGps[0] / usual.stackGps[0]).toBeCloseTo(1.5, 5);
    expect(industry.traffic).toBe(usual.traffic);
    expect(traffic.traffic).toBeCloseTo(1.5 * usual.traffic, 9);
    expect(traffic.stackGps).toEqual(usual.stackGps);
    expect(voc.stackGps[5] / usual.stackGps[5]).toBeCloseTo(1.5, 5);
    expect(voc.stackGps[0]).toBe(usual.stackGps[0]);
  });

  test.each([
    ['E-0003', 'P1'],
    ['CEMS-3', 'P1'],
    ['P-3-T', 'P1'],
  ])('%s hits the process that it names', (id, process) => {
    const activity = run([{ ...leak, target: { ...leak.target, id } }]);
    expect(activity.labels()).toMatchObject([{ enterprise: 'E-0003', process }]);
  });

  test('what fits nobody is told', () => {
    expect(run([{ ...failure, pollutant: 'SO2' }]).unresolved).toEqual(['F1']);
    expect(run(all).unresolved).toEqual([]);
  });
});

describe('ordinary cheats', () => {
  test('are none at rate 0, and at a high rate leave records with their excess', () => {
    const honest = run([]);
    const cheating = run([], {}, {}, 30);
    stepTo(honest, mondayMs + 24 * hourMs, mondayMs, 5 * minuteMs);
    stepTo(cheating, mondayMs + 24 * hourMs, mondayMs, 5 * minuteMs);
    expect(honest.labels()).toEqual([]);
    const labels = cheating.labels();
    expect(labels.length).toBeGreaterThan(3);
    expect(labels.every((label) => label.class === 'cheat' && label.toMs > label.fromMs)).toBe(true);
    expect(labels.some(({ excessGps }) => excessGps.pm25 > 1)).toBe(true);
  });

  test('the cheaters of a low rate are among those of a high one', () => {
    const low = run([], {}, {}, 10);
    const high = run([], {}, {}, 40);
    stepTo(low, mondayMs + 48 * hourMs, mondayMs, 15 * minuteMs);
    stepTo(high, mondayMs + 48 * hourMs, mondayMs, 15 * minuteMs);
    const ids = new Set(high.labels().map(({ id }) => id));
    expect(low.labels().length).toBeGreaterThan(0);
    expect(low.labels().every(({ id }) => ids.has(id))).toBe(true);
    expect(ids.size).toBeGreaterThan(low.labels().length);
  });
});
