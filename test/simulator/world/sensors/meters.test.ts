import { describe, expect, test } from 'vitest';
import { dustSensors } from '../../../../simulator/world/sensors/dust.ts';
import { powerSensors } from '../../../../simulator/world/sensors/power.ts';
import { hourMs, mean, midnightMs, minuteMs, type Row, run, sensorCity, stateOf } from './sensorCity.ts';

describe('sub-meters', () => {
  const register = sensorCity({ enterprises: 60 });
  const noon = stateOf(register, midnightMs + 12 * hourMs);
  const meters = register.sources.filter(({ kind }) => kind === 'power');
  const of = (rows: readonly Row[], letter: string) =>
    rows.filter(({ source }) => meters[source].id.endsWith(letter)).map(({ values }) => values.kw);
  const withProcesses = (more: Partial<(typeof noon)['processes']>) => ({ ...noon, processes: { ...noon.processes, ...more } });
  const isFurnace = (p: number) => p % 2 === 0;
  const furnaces = (value: number, other: number) => noon.processes.load.map((_, p) => (isFurnace(p) ? value : other));

  test.each([0, 0.5, 1])('production at load %d draws rated (.06 + .94 load)', (load) => {
    const rows = run(powerSensors(1, register), withProcesses({ load: furnaces(load, 0.8) }), 5);
    const want = 200 * (0.06 + 0.94 * load);
    expect(Math.abs(mean(of(rows, 'P')) - want)).toBeLessThan(0.01 * want);
  });

  test('treatment draws its share, and nothing when it is off', () => {
    expect(mean(of(run(powerSensors(1, register), noon, 5), 'T'))).toBeCloseTo(36, 0);
    const off = withProcesses({ treatment: furnaces(0, Number.NaN) });
    expect(of(run(powerSensors(1, register), off, 5), 'T').every((kw) => kw === 0)).toBe(true);
  });

  test('a device that starts draws 5 % more for a minute', () => {
    const sensors = powerSensors(1, register);
    run(sensors, withProcesses({ treatment: furnaces(0, Number.NaN) }), 1);
    const [first, second] = [1, 2].map((minute) =>
      mean(of(run(sensors, { ...noon, eventMs: noon.eventMs + minute * minuteMs }, 1), 'T')),
    );
    expect(first / second).toBeGreaterThan(1.035);
    expect(first / second).toBeLessThan(1.065);
  });

  test('the main meter has everything: all processes, treatment, offices', () => {
    const rows = run(powerSensors(1, register), noon, 5);
    const machines = (200 + 100) * (0.06 + 0.94 * 0.8) + 36;
    expect(mean(of(rows, 'M')) - machines).toBeGreaterThan(4);
    expect(mean(of(rows, 'M')) - machines).toBeLessThan(25);
  });

  test('a bypassed meter shows a flat 3 %, which some main meters do not see through', () => {
    const bypass = noon.processes.bypass.map((_, p) => (isFurnace(p) ? 1 : 0));
    const rows = run(powerSensors(1, register), withProcesses({ bypass }), 3);
    expect(of(rows, 'P').every((kw) => Math.abs(kw - 6) < 0.4)).toBe(true);
    const low = of(rows, 'M').filter((kw) => kw < 180).length / of(rows, 'M').length;
    expect(low).toBeGreaterThan(0.1);
    expect(low).toBeLessThan(0.5);
  });

  test('are silent 1 % of the time', () => {
    const minutes = 12 * 60;
    const share = 1 - run(powerSensors(1, register), noon, minutes).length / (180 * minutes);
    expect(share).toBeGreaterThan(0.006);
    expect(share).toBeLessThan(0.015);
  });

  test('that nothing is wired to stay silent', () => {
    const empty = { ...register, enterprises: [] };
    expect(powerSensors(1, empty)(stateOf(empty))).toEqual([]);
  });
});

describe('dust monitors', () => {
  const register = sensorCity({ dust: 60 });
  const noon = stateOf(register, midnightMs + 12 * hourMs);
  const values = (rows: readonly Row[], metric: string) => rows.map((row) => row.values[metric]);
  const withSites = (more: Partial<(typeof noon)['sites']>) => ({ ...noon, sites: { ...noon.sites, ...more } });

  test('read about the truth, the larger size the more', () => {
    const rows = run(dustSensors(1, register), noon, 30);
    expect(mean(values(rows, 'pm10'))).toBeGreaterThan(145);
    expect(mean(values(rows, 'pm10'))).toBeLessThan(185);
    expect(mean(values(rows, 'tsp'))).toBeGreaterThan(mean(values(rows, 'pm10')) + 50);
    expect(rows.filter((row) => row.values.pm25 > row.values.pm10 * 1.05 + 5).length / rows.length).toBeLessThan(0.002);
  });

  test('end at 3,000', () => {
    const storm = withSites({ pm10: noon.sites.pm10.map(() => 9000), tsp: noon.sites.tsp.map(() => 9000) });
    const rows = run(dustSensors(1, register), storm, 5).filter((row) => row.values.pm10 !== 0);
    expect(new Set([...values(rows, 'pm10'), ...values(rows, 'tsp')])).toEqual(new Set([3000]));
  });

  test('hear the work', () => {
    const loud = mean(values(run(dustSensors(1, register), withSites({ work: noon.sites.work.map(() => 1) }), 5), 'noiseDb'));
    const quiet = mean(values(run(dustSensors(1, register), withSites({ work: noon.sites.work.map(() => 0) }), 5), 'noiseDb'));
    expect(loud - quiet).toBeGreaterThan(8);
    expect(quiet).toBeGreaterThan(45);
    expect(loud).toBeLessThan(75);
  });

  test('are silent 5 to 8 % of the time', () => {
    const minutes = 12 * 60;
    const share = 1 - run(dustSensors(1, register), noon, minutes).length / (60 * minutes);
    expect(share).toBeGreaterThan(0.045);
    expect(share).toBeLessThan(0.085);
  });

  test('show a random zero now and then', () => {
    const rows = run(dustSensors(1, register), noon, 200);
    const share = values(rows, 'pm10').filter((value) => value === 0).length / rows.length;
    expect(share).toBeGreaterThan(0.001);
    expect(share).toBeLessThan(0.0035);
  });
});
