import { describe, expect, test } from 'vitest';
import type { Weather } from '../../../../simulator/world/cityState.ts';
import { errorSd, forecastSensors } from '../../../../simulator/world/sensors/forecast.ts';
import { calmWeather, hourMs, mean, midnightMs, minuteMs, quietEpisode, run, sensorCity, stateOf } from './sensorCity.ts';

const register = sensorCity();
const dayMs = 24 * hourMs;
const day = stateOf(register);
const issued = (seed: number, weather: (ms: number) => Weather, state = { ...day, eventMs: midnightMs + 7 * hourMs }) =>
  run(forecastSensors(seed, register, quietEpisode, weather), state, 60);
const usual = () => calmWeather;

test('a forecast comes at 07:30 and 16:00 for today and seven days more', () => {
  const rows = run(forecastSensors(1, register, quietEpisode, usual), day, 24 * 60);
  expect(rows.map(({ time }) => (time - midnightMs) / hourMs)).toEqual([...Array(8).fill(7.5), ...Array(8).fill(16)]);
  expect(rows.slice(0, 8).map(({ values }) => (values.targetMs - midnightMs) / dayMs)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(rows.every(({ values }) => values.aqi > 0 && values.pm10 >= values.pm25)).toBe(true);
});

test('on steps of 10 s it comes once as well', () => {
  const state = { ...stateOf(register, midnightMs + 7.45 * hourMs, 10_000) };
  expect(run(forecastSensors(1, register, quietEpisode, usual), state, 60)).toHaveLength(8);
});

describe('the weather to come', () => {
  const pm25 = (weather: (ms: number) => Weather, lead: number) =>
    mean(Array.from({ length: 40 }, (_, seed) => issued(seed, weather)[lead].values.pm25));

  test('still air keeps particles, wind carries them away', () => {
    const still = () => ({ ...calmWeather, windMps: 0.8, mixingM: 250 });
    const windy = () => ({ ...calmWeather, windMps: 5, mixingM: 900 });
    expect(pm25(still, 2)).toBeGreaterThan(1.5 * pm25(usual, 2));
    expect(pm25(windy, 2)).toBeLessThan(0.5 * pm25(usual, 2));
  });

  test('rain washes out', () => {
    expect(pm25(() => ({ ...calmWeather, rainMmH: 2 }), 2)).toBeLessThan(0.8 * pm25(usual, 2));
  });

  test('a warm clear summer day has ozone', () => {
    const julyMs = midnightMs + 180 * dayMs;
    const summer = () => ({ ...calmWeather, tempC: 33, sinElevation: 0.95, mixingM: 1400 });
    const rows = issued(1, summer, { ...day, eventMs: julyMs + 7 * hourMs });
    expect(mean(rows.map(({ values }) => values.o3))).toBeGreaterThan(130);
    expect(mean(issued(1, usual).map(({ values }) => values.o3))).toBeLessThan(80);
  });

  test('tomorrow starts from what is in the air today', () => {
    const dirty = { ...day, eventMs: midnightMs + 7 * hourMs, air: { ...day.air, pm25: day.air.pm25.map(() => 250) } };
    const [today, tomorrow, , , later] = issued(1, usual, dirty).map(({ values }) => values.pm25);
    const clean = issued(1, usual).map(({ values }) => values.pm25);
    expect(today / clean[0]).toBeGreaterThan(1.6);
    expect(tomorrow / clean[1]).toBeGreaterThan(1.1);
    expect(later / clean[4]).toBeLessThan(1.1);
  });
});

describe('the error', () => {
  const logs = (lead: number, atMs: number) =>
    Array.from({ length: 300 }, (_, seed) => Math.log(issued(seed, usual, { ...day, eventMs: atMs })[lead].values.pm25));
  const spread = (values: readonly number[]) =>
    Math.sqrt(mean(values.map((value) => (value - mean(values)) * (value - mean(values)))));

  test.each([1, 7])('grows with the lead: day %d', (lead) => {
    const sd = spread(logs(lead, midnightMs + 7 * hourMs));
    expect(sd / errorSd(lead)).toBeGreaterThan(0.85);
    expect(sd / errorSd(lead)).toBeLessThan(1.15);
  });

  test('is .15 for tomorrow and .5 for the seventh day', () => {
    expect([errorSd(1), errorSd(7)]).toEqual([0.15, 0.5]);
  });

  test('is alike at two issues for the same day', () => {
    const morning = logs(4, midnightMs + 7 * hourMs);
    const evening = logs(4, midnightMs + 15.5 * hourMs);
    const together = mean(morning.map((value, i) => (value - mean(morning)) * (evening[i] - mean(evening))));
    expect(together / (spread(morning) * spread(evening))).toBeGreaterThan(0.6);
  });
});

test('transport from outside is seen to come', () => {
  const pulse = { fromMs: 2 * dayMs, toMs: 5 * dayMs, rampMs: 12 * hourMs, add: { no3: 80, so4: 40, pmc: 100 } };
  const with7 = { ...day, eventMs: midnightMs + 7 * hourMs };
  const rows = (episode: typeof quietEpisode) =>
    run(forecastSensors(1, register, episode, usual), with7, 60).map(({ values }) => values);
  const plain = rows(quietEpisode);
  const more = rows({ ...quietEpisode, inflow: [pulse] });
  expect(more.slice(0, 2)).toEqual(plain.slice(0, 2));
  expect(more[4].pm25).toBeGreaterThan(1.7 * plain[4].pm25);
  expect(more[4].pm10 - more[4].pm25).toBeGreaterThan(1.5 * (plain[4].pm10 - plain[4].pm25));
});

test('a forecaster learns the level of the city from the last days', () => {
  const clean = { ...day, stepMs: hourMs / 2, air: { ...day.air, pm25: day.air.pm25.map(() => 20) } };
  const byDay = Array.from({ length: 20 }, (_, seed) => {
    const rows = run(forecastSensors(seed, register, quietEpisode, usual), clean, 2 * 24 * 6);
    return rows.filter(({ time, values }) => values.targetMs - time > 4 * dayMs).map(({ values }) => values.pm25);
  });
  const first = byDay.flatMap((values) => values.slice(0, 6));
  const last = byDay.flatMap((values) => values.slice(-6));
  expect(mean(last)).toBeLessThan(0.6 * mean(first));
});

test('no forecaster, no forecast', () => {
  const none = { ...register, sources: register.sources.filter(({ kind }) => kind !== 'forecast') };
  expect(
    run(forecastSensors(1, none, quietEpisode, usual), { ...day, eventMs: midnightMs + 7.5 * hourMs - minuteMs }, 3),
  ).toEqual([]);
});
