import { describe, expect, test } from 'vitest';
import { cemsSensors, converted } from '../../../../simulator/world/sensors/cems.ts';
import { splitOf, vocSensors } from '../../../../simulator/world/sensors/voc.ts';
import { hourMs, mean, midnightMs, minuteMs, type Row, run, sensorCity, stateOf } from './sensorCity.ts';

const register = sensorCity({ enterprises: 40 });
const noonMs = midnightMs + 12 * hourMs;
const noon = stateOf(register, noonMs);
type Processes = (typeof noon)['processes'];
const withProcesses = (more: Partial<Processes>) => ({ ...noon, processes: { ...noon.processes, ...more } });
const all = (value: number) => noon.processes.load.map(() => value);
const normal = (rows: readonly Row[], metric: string) =>
  rows.filter(({ marks }) => marks[metric] === 'N').map(({ values }) => values[metric]);

test.each([
  [20, 12, 9, 26.667], // the worked example
  [20, 9, 9, 20],
  [20, 12, undefined, 20],
  [20, 20.5, 9, 20], // air: nothing to convert
])('%d mg/m³ at %d %% O2, reference %s, converts to %d', (measured, o2Pct, o2RefPct, want) => {
  expect(converted(measured, o2Pct, o2RefPct)).toBeCloseTo(want, 3);
});

describe('a stack monitor', () => {
  test('shows grams a second over the flow', () => {
    const rows = run(cemsSensors(1, register), noon, 20);
    const grams = mean(rows.filter(({ marks }) => marks.nox === 'N').map(({ values }) => values.nox * values.flowM3S)) / 1000;
    expect(grams / noon.processes.noxGps[0]).toBeGreaterThan(0.93);
    expect(grams / noon.processes.noxGps[0]).toBeLessThan(1.07);
    expect(mean(normal(rows, 'flueTempC'))).toBeGreaterThan(90);
  });

  test('of a stopped process shows air', () => {
    const stopped = withProcesses({ load: all(0), so2Gps: all(0), noxGps: all(0), pmGps: all(0) });
    const rows = run(cemsSensors(1, register), stopped, 20);
    expect(mean(normal(rows, 'flowM3S'))).toBeLessThan(0.3);
    expect(mean(normal(rows, 'o2Pct'))).toBeCloseTo(20.95, 1);
    expect(Math.abs(mean(normal(rows, 'noxConv')))).toBeLessThan(2);
    expect(Math.max(...normal(rows, 'flueTempC'))).toBeLessThan(10);
  });

  test('cools down slowly after a stop', () => {
    const sensors = cemsSensors(1, register);
    run(sensors, noon, 2);
    const stopped = { ...withProcesses({ load: all(0) }), eventMs: noonMs + 2 * minuteMs };
    const temperatures = run(sensors, stopped, 60).filter(({ source, marks }) => source === 3 && marks.flueTempC === 'N');
    expect(temperatures[0].values.flueTempC).toBeGreaterThan(85);
    expect(temperatures.at(-1)?.values.flueTempC).toBeLessThan(30);
  });

  test('ends at two to three times the limit, marked T: a broken baghouse is a flat line', () => {
    const broken = withProcesses({ pmGps: noon.processes.pmGps.map((gps) => 80 * gps) });
    const rows = run(cemsSensors(1, register), broken, 10).filter(({ marks }) => marks.pm === 'N' || marks.pm === 'T');
    expect(rows.every(({ values, marks }) => marks.pm === 'T' && values.pm >= 20 && values.pm <= 30)).toBe(true);
    for (let source = 0; source < 40; source++)
      expect(new Set(rows.filter((row) => row.source === source).map(({ values }) => values.pm)).size).toBeLessThanOrEqual(1);
  });

  test('reads low when the fan is off, and the flow falls more', () => {
    const tenth = (gps: Float32Array) => gps.map((each) => 0.1 * each);
    const { so2Gps, noxGps, pmGps } = noon.processes;
    const off = withProcesses({ capture: all(0.1), so2Gps: tenth(so2Gps), noxGps: tenth(noxGps), pmGps: tenth(pmGps) });
    const before = run(cemsSensors(1, register), noon, 20);
    const after = run(cemsSensors(1, register), off, 20);
    const share = (metric: string) => mean(normal(after, metric)) / mean(normal(before, metric));
    expect(share('flowM3S')).toBeLessThan(0.3);
    expect(share('nox')).toBeLessThan(0.6);
    expect(mean(normal(after, 'o2Pct'))).toBeGreaterThan(mean(normal(before, 'o2Pct')) + 3);
  });

  test('holds its values while the probe is flushed, 1 to 3 min an hour', () => {
    const rows = run(cemsSensors(1, register), noon, 180);
    for (let source = 0; source < 5; source++) {
      const own = rows.filter((row) => row.source === source);
      const flushes = own.filter(({ marks }) => marks.so2 === 'B');
      expect(flushes.length).toBeGreaterThanOrEqual(1);
      expect(flushes.length).toBeLessThanOrEqual(9);
      own.slice(1).forEach((row, i) => {
        const isNext = row.time - own[i].time === minuteMs;
        if (row.marks.so2 === 'B' && isNext)
          expect([row.values.so2, row.values.o2Pct]).toEqual([own[i].values.so2, own[i].values.o2Pct]);
      });
    }
  });

  test('is calibrated on some nights between 02 and 04 h: zero, then span', () => {
    const sensors = cemsSensors(1, register);
    // Three nights, from 01:30 to 04:30.
    const rows = [0, 1, 2].flatMap((night) => run(sensors, stateOf(register, midnightMs + (24 * night + 1.5) * hourMs), 180));
    const calibrations = rows.filter(({ marks }) => marks.nox === 'C');
    const hours = calibrations.map(({ time }) => ((time - midnightMs) / hourMs) % 24);
    expect(Math.min(...hours)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...hours)).toBeLessThan(4);
    // 40 monitors, .35 of the nights, 20 min each.
    expect(calibrations.length / 20).toBeGreaterThan(20);
    expect(calibrations.length / 20).toBeLessThan(65);
    const values = calibrations.map((row) => row.values.nox);
    expect(values.some((value) => Math.abs(value) < 2)).toBe(true);
    expect(values.some((value) => value > 100)).toBe(true);
  });

  test('is maintained by day and seldom broken', () => {
    const sensors = cemsSensors(1, register);
    const count: Record<string, number> = {};
    for (let minute = 0; minute < 10 * 24 * 60; minute += 10) {
      const [{ marks, rows }] = sensors(stateOf(register, midnightMs + minute * minuteMs));
      for (let row = 0; row < rows; row++) {
        const mark = String.fromCharCode(marks?.pm[row] ?? 0);
        count[mark] = (count[mark] ?? 0) + 1;
      }
    }
    expect(Object.keys(count).every((mark) => 'NMCDFTB'.includes(mark))).toBe(true);
    expect(count.N / (40 * 1440)).toBeGreaterThan(0.9);
    expect(count.M).toBeGreaterThan(0);
    expect(count.D + (count.F ?? 0)).toBeLessThan(count.C);
  });
});

describe('a VOC monitor', () => {
  test('gives a new value every 2 to 4 min and holds it in between', () => {
    const rows = run(vocSensors(1, register), noon, 240);
    for (let source = 0; source < 10; source++) {
      const own = rows.filter((row) => row.source === source && row.marks.nmhc === 'N').map(({ values }) => values.nmhc);
      const changes = own.slice(1).filter((value, i) => value !== own[i]).length;
      expect(own.length / changes).toBeGreaterThan(1.8);
      expect(own.length / changes).toBeLessThan(4.6);
    }
  });

  test('shows what the process gives, with benzene and toluene by its industry', () => {
    const rows = run(vocSensors(1, register), noon, 30);
    // 0.4 kg/h at load .8 in 87 % of 10 m³/s, and the air's own.
    expect(mean(normal(rows, 'nmhc'))).toBeCloseTo(89 / 8.7 + 0.5, 0);
    const share = mean(normal(rows, 'toluene')) / mean(normal(rows, 'nmhc'));
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.09);
  });

  test('of a stopped process shows little more than air', () => {
    const rows = run(vocSensors(1, register), withProcesses({ load: all(0), vocGps: all(0) }), 10);
    expect(Math.max(...normal(rows, 'nmhc'))).toBeLessThan(3.5);
    expect(Math.max(...normal(rows, 'flowM3S'))).toBeLessThan(0.3);
  });

  test('furniture has more toluene than rubber', () => {
    const furniture = splitOf({ industry: 'furniture', zh: '某某家具厂', en: '' });
    expect(furniture.toluene).toBeGreaterThan(splitOf({ industry: 'rubber', zh: '', en: '' }).toluene);
  });
});

test('monitors that no process names stay silent', () => {
  const empty = { ...register, enterprises: [] };
  const state = stateOf(empty, noonMs);
  expect([...cemsSensors(1, empty)(state), ...vocSensors(1, empty)(state)]).toEqual([]);
});
