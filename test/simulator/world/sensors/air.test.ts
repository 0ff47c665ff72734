import { describe, expect, test } from 'vitest';
import { airSensors, vaneNoiseDeg } from '../../../../simulator/world/sensors/air.ts';
import { hourMs, mean, midnightMs, minuteMs, type Row, run, sensorCity, stateOf } from './sensorCity.ts';

const register = sensorCity({ air: 60 });
const state = stateOf(register);
const national = 0;
const slow = 61;
const isMicro = ({ source }: Row) => source !== national && source !== slow;
const valuesOf = (rows: readonly Row[], metric: string) =>
  rows.map(({ values }) => values[metric]).filter((value) => !Number.isNaN(value));

describe('micro stations', () => {
  test('read about the truth, each with its own gain', () => {
    const rows = run(airSensors(1, register), state, 60).filter(isMicro);
    const byStation = Array.from({ length: 60 }, (_, i) =>
      mean(
        valuesOf(
          rows.filter(({ source }) => source === i + 1),
          'pm25',
        ),
      ),
    );
    expect(mean(byStation)).toBeGreaterThan(75);
    expect(mean(byStation)).toBeLessThan(95);
    expect(Math.max(...byStation) - Math.min(...byStation)).toBeGreaterThan(10);
  });

  test('report at their own second of the minute, always the same', () => {
    const rows = run(airSensors(1, register), state, 30).filter(isMicro);
    const seconds = new Map<number, Set<number>>();
    for (const { source, time } of rows) seconds.set(source, (seconds.get(source) ?? new Set()).add(time % minuteMs));
    expect([...seconds.values()].every((each) => each.size === 1)).toBe(true);
    expect(new Set([...seconds.values()].flatMap((each) => [...each])).size).toBeGreaterThan(20);
  });

  test('are silent 3 to 5 % of the time, whole rows at once', () => {
    const minutes = 12 * 60;
    const rows = run(airSensors(1, register), state, minutes).filter(isMicro);
    const share = 1 - rows.length / (60 * minutes);
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.05);
    const gaps = rows.flatMap(({ values }) => Object.values(values)).filter(Number.isNaN).length;
    expect(gaps).toBeGreaterThan(0);
    expect(gaps / rows.length).toBeLessThan(0.05);
  });

  test('read damp particles as too many, and PM10 follows', () => {
    const damp = { ...state, air: { ...state.air, rhPct: state.air.rhPct.map(() => 92) } };
    const dry = run(airSensors(1, register), state, 10).filter(isMicro);
    const wet = run(airSensors(1, register), damp, 10).filter(isMicro);
    const more = mean(valuesOf(wet, 'pm25')) - mean(valuesOf(dry, 'pm25'));
    expect(more).toBeGreaterThan(20);
    expect(mean(valuesOf(wet, 'pm10')) - mean(valuesOf(dry, 'pm10'))).toBeCloseTo(more, -1);
  });

  test('never show more PM2.5 than PM10, but for a random zero', () => {
    const rows = run(airSensors(1, register), state, 120).filter(isMicro);
    const inverted = rows.filter(({ values }) => values.pm25 > values.pm10);
    expect(inverted.every(({ values }) => values.pm10 === 0)).toBe(true);
  });

  test('some NO2 cells answer to ozone', () => {
    const ozone = { ...state, air: { ...state.air, o3: state.air.o3.map(() => 240) } };
    const [with240, with40] = [ozone, state].map((each) => run(airSensors(1, register), each, 20));
    const of = (rows: readonly Row[], i: number) =>
      mean(
        valuesOf(
          rows.filter(({ source }) => source === i),
          'no2',
        ),
      );
    const shifts = Array.from({ length: 60 }, (_, i) => of(with240, i + 1) - of(with40, i + 1));
    const answering = shifts.filter((shift) => shift > 40).length;
    expect(answering).toBeGreaterThan(4);
    expect(answering).toBeLessThan(25);
  });

  test('a slow CO cell takes 30 s to 90 % of a step', () => {
    const steps = { ...stateOf(register, midnightMs, 10_000) };
    const sensors = airSensors(1, register);
    run(sensors, steps, 6);
    const high = { ...steps, eventMs: midnightMs + minuteMs, air: { ...steps.air, co: steps.air.co.map(() => 11.2) } };
    const rows = run(sensors, high, 3).filter(isMicro);
    const last = rows.filter(({ time }) => time === midnightMs + minuteMs + 20_000);
    expect(mean(valuesOf(last, 'co')) / 11.2).toBeGreaterThan(0.86);
    expect(mean(valuesOf(last, 'co')) / 11.2).toBeLessThan(0.96);
  });

  test('wind directions wrap around north', () => {
    const north = { ...state, air: { ...state.air, windFromDeg: state.air.windFromDeg.map(() => 359) } };
    const directions = valuesOf(run(airSensors(1, register), north, 30).filter(isMicro), 'windFromDeg');
    expect(directions.some((degrees) => degrees < 30)).toBe(true);
    expect(directions.some((degrees) => degrees > 330)).toBe(true);
    expect(directions.every((degrees) => degrees < 60 || degrees > 300)).toBe(true);
  });

  test('a vane swings wide in a calm', () => {
    expect(vaneNoiseDeg(0)).toBeGreaterThan(90);
    expect(vaneNoiseDeg(3)).toBeLessThan(7);
  });

  test('one of 5 min sends means of 5 min, at their end, timed at their start', () => {
    const rows = run(airSensors(1, register), state, 60).filter(({ source }) => source === slow);
    expect(rows.length).toBeGreaterThan(8);
    expect(rows.every(({ time, periodMs }) => time % (5 * minuteMs) === 0 && periodMs === 5 * minuteMs)).toBe(true);
    const early = run(airSensors(1, register), state, 4).filter(({ source }) => source === slow);
    expect(early).toEqual([]);
  });
});

describe('national stations', () => {
  const of = (rows: readonly Row[]) => rows.filter(({ source }) => source === national);

  test('give out the hour 5 min after its end', () => {
    const before = run(airSensors(1, register), state, 65);
    const after = run(airSensors(1, register), state, 66);
    expect(of(before)).toEqual([]);
    expect(of(after).map(({ time, periodMs }) => [time, periodMs])).toEqual([[midnightMs, hourMs]]);
  });

  test('the hour is the mean of the true minutes', () => {
    const rising = (each: typeof state) => {
      const minute = (each.eventMs - midnightMs) / minuteMs;
      return { ...each, air: { ...each.air, pm25: each.air.pm25.map(() => (minute < 60 ? 2 * minute : 500)) } };
    };
    const [row] = of(run(airSensors(1, register), state, 66, rising));
    expect(row.values.pm25).toBeGreaterThan(59 - 12);
    expect(row.values.pm25).toBeLessThan(59 + 12);
    expect(row.values.windFromDeg).toBeGreaterThan(190);
    expect(row.values.windFromDeg).toBeLessThan(210);
  });

  test.each([
    [44, true],
    [45, false],
  ])('an hour of %d min is a gap: %s', (minutes, isGap) => {
    const late = stateOf(register, midnightMs + (60 - minutes) * minuteMs);
    const [row] = of(run(airSensors(1, register), late, minutes + 6));
    expect(row.time).toBe(midnightMs);
    expect(Object.values(row.values).every((value) => Number.isNaN(value) === isGap)).toBe(true);
  });
});
