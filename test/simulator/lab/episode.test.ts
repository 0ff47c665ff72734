import { describe, expect, test } from 'vitest';
import { type Course, episodeCourse } from '../../../simulator/lab/episodeCourse.ts';
import { compassOf, episodeText } from '../../../simulator/lab/episodeText.ts';
import { episodePicture } from '../../../simulator/lab/picture/episodePicture.ts';
import { parseScenario, type Scenario } from '../../../simulator/scenario.ts';
import { sensorCity } from '../world/sensors/sensorCity.ts';

const text = `schema: lantian-scenario/1
id: described
title: "扇风机 <停> & more"
seed: 3
clock: { start: 2025-01-12T00:00:00+08:00, duration: 26h, step: 1m, warmup: 2h }
met:
  timeline: [{ at: 0h, ws: 2.5, wd: 200, rh: 60 }]
emissions:
  events:
    - { id: E1, kind: fugitive, target: { type: cems, id: E-003 }, height: 7, from: 6h, to: 9h, power: fan_off }
    - { id: E2, kind: fire, count: 2, area_mu: 5, fuel: maize, from: 10h, to: 12h, pick: rural }
sensors:
  faults: [{ id: F1, station: S003, param: pm25, kind: stuck, from: 5h, to: 9h }]
network_faults: [{ id: N1, scope: { county: taocheng }, kind: outage, from: 7h, to: 8h, backfill: true }]
control:
  mode: scripted
  scripted: [{ id: O1, level: red, from: 12h, to: 24h, cut: 0.5, kinds: [cems] }]
`;
const { scenario, problems } = parseScenario(text, 'f');
const register = sensorCity();
const course = episodeCourse(scenario as Scenario, register, 3) as Promise<Course>;

test('the scenario of these tests is good', () => {
  expect(problems).toEqual([]);
});

describe('the course of a scenario', () => {
  test('has every hour, and points every ten minutes', async () => {
    const { hours, points, everyMs } = await course;
    expect([hours.length, points.length, everyMs]).toEqual([26, 156, 600_000]);
    expect(new Set(hours.map(({ startMs }, i) => startMs - i * 3_600_000)).size).toBe(1);
  });

  test('an hour is the mean of its points', async () => {
    const { hours, points } = await course;
    const six = points.slice(6 * 5, 6 * 6).map(({ windMps }) => windMps);
    expect(hours[5].windMps).toBeCloseTo(six.reduce((sum, each) => sum + each, 0) / 6, 9);
  });

  test('the index of 24 hours is there from the 20th hour on, the warm-up included', async () => {
    const { hours } = await course;
    expect(hours.map(({ aqi24 }) => Number.isNaN(aqi24)).lastIndexOf(true)).toBe(20 - 2 - 2);
  });

  test('orders show against the world without them, and not before', async () => {
    const { hours, hasOrders } = await course;
    expect(hasOrders).toBe(true);
    const differs = hours.map((hour) => hour.medianPm25NoOrders > hour.median.pm25);
    expect(differs.slice(0, 12)).not.toContain(true);
    expect(differs.slice(14, 24)).toContain(true);
  });

  test('the worst station is not below the median, and the peaks are hours of the episode', async () => {
    const { hours, cityPeak, placePeak } = await course;
    for (const hour of hours) expect(hour.worstPm25).toBeGreaterThanOrEqual(hour.median.pm25);
    const starts = hours.map(({ startMs }) => startMs);
    expect(starts).toContain(cityPeak.startMs);
    const during = [6, 7, 8, 10, 11].map((hour) => hours[hour]); // of the two incidents
    const most = Math.max(...during.map(({ worstPm25, median }) => worstPm25 - median.pm25));
    expect(placePeak.worstPm25 - placePeak.median.pm25).toBe(most);
  });

  test('it can be stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await episodeCourse(scenario as Scenario, register, 3, { signal: stop.signal })).toBeUndefined();
  });
});

describe('its description', () => {
  test.each([
    'described: 扇风机 <停> & more (seed 3)',
    'Weather    +0 h: 2.5 m/s, from 200° (S), humidity 60 %',
    'E1 风机停运泄漏 (fan off, leak), 01-12 06:00 to 01-12 09:00',
    'E1 E-003 衡水某某橡胶有限公司 P1 炉, 桃城区 Taocheng: on top pm25',
    'F1 stuck at S003 (air), pm25, 01-12 05:00 to 01-12 09:00',
    'N1 outage of all kinds in 桃城区 Taocheng, 01-12 07:00 to 01-12 08:00, backfilled',
    'O1 red, 01-12 12:00 to 01-13 00:00, cut 50 %, cems',
  ])('says %s', async (words) => {
    expect(episodeText(await course, 3)).toContain(words);
  });

  test('has a row every six hours, with the effect of the orders', async () => {
    const lines = episodeText(await course, 3).split('\n');
    const head = lines.findIndex((line) => line.includes('Beijing time'));
    expect(lines[head]).toMatch(/no orders +effect$/);
    const rows = lines.slice(head + 1, lines.indexOf('', head));
    expect(rows.map((row) => row.trim().slice(0, 11))).toEqual([
      '01-12 00:00',
      '01-12 06:00',
      '01-12 12:00',
      '01-12 18:00',
      '01-13 00:00',
    ]);
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([lines[head].length]));
  });

  test.each([
    [0, 'N'],
    [22, 'N'],
    [23, 'NE'],
    [337, 'NW'],
    [338, 'N'],
    [360, 'N'],
  ])('a wind from %d° is called %s', (deg, name) => {
    expect(compassOf(deg)).toBe(name);
  });
});

describe('its picture', () => {
  test('is well-formed, without a number that is none', async () => {
    const svg = episodePicture(await course, 3);
    const open: string[] = [];
    for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
      if (close === '/') expect(open.pop()).toBe(name);
      else if (self !== '/') open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg).toContain('扇风机 &lt;停> &amp; more');
  });

  test('has every incident, order and fault by its id, and each station by its class', async () => {
    const { placePeak, cityPeak, stations } = await course;
    const svg = episodePicture(await course, 3);
    for (const id of ['E1', 'E2', 'F1', 'N1', 'O1']) expect(svg).toContain(`>${id} `);
    const maps = placePeak.startMs === cityPeak.startMs ? 1 : 2;
    expect(svg.match(/font-size="10" font-weight="bold"[^>]*>[1-6]</g)).toHaveLength(maps * stations.length + 6);
  });
});
