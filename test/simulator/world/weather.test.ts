// The weather: the same from a seed, obedient to key frames, with fronts that come from the north-west and values that can be.

import { describe, expect, test } from 'vitest';
import type { Weather } from '../../../simulator/world/cityState.ts';
import type { KeyFrame } from '../../../simulator/world/episode.ts';
import { hourOf, makeWeather, sinElevationAt, summerShare } from '../../../simulator/world/weather.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const radians = Math.PI / 180;
const winterMs = Date.parse('2025-12-01T00:00:00+08:00');
const summerMs = Date.parse('2025-06-01T00:00:00+08:00');

const weatherOf = (seed: number, days: number, met: readonly KeyFrame[] = [], startMs = winterMs) =>
  makeWeather(seed, { startMs, durationMs: days * dayMs, warmupMs: 0, met }, 0);

/** Fronts go with 10 m/s towards 145°: so much later than in the centre, ms. */
const frontDelayMs = (x: number, y: number) => ((x * Math.sin(145 * radians) + y * Math.cos(145 * radians)) / 10) * 1000;

/** Places 120 km apart, east and north. */
const places = [-2, -1, 0, 1, 2].flatMap((i) => [-2, -1, 0, 1, 2].map((j) => ({ x: i * 120_000, y: j * 120_000 })));

const meanOf = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;

describe('the same weather', () => {
  const moments = Array.from({ length: 60 }, (_, i) => winterMs + i * 71 * minuteMs);
  const at = (weather: ReturnType<typeof weatherOf>) =>
    moments.map((ms) => [weather.centre(ms), weather.at(ms, -90_000, 40_000)]);

  test('comes from the same seed, in any order of asking, another from another', () => {
    const first = at(weatherOf(7, 3));
    const weather = weatherOf(7, 3);
    const backwards = [...moments].reverse().map((ms) => [weather.centre(ms), weather.at(ms, -90_000, 40_000)]);
    expect(backwards.reverse()).toEqual(first);
    expect(at(weatherOf(8, 3))).not.toEqual(first);
  });

  test('comes in the first days, however long the scenario is', () => {
    const short = weatherOf(7, 3);
    const long = makeWeather(7, { startMs: winterMs, durationMs: 60 * dayMs, warmupMs: 0, met: [] });
    expect(at(long)).toEqual(at(short));
    expect(long.fronts.slice(0, 5)).toEqual(short.fronts.slice(0, 5));
  });

  test('`windInto` is the wind of `at`', () => {
    const weather = weatherOf(7, 3);
    const out = new Float64Array(4);
    for (const ms of moments) {
      weather.windInto(ms, 30_000, -20_000, out, 2);
      const { windMps, windFromDeg } = weather.at(ms, 30_000, -20_000);
      expect(windMps).toBeCloseTo(Math.sqrt(out[2] * out[2] + out[3] * out[3]), 9);
      expect(-windMps * Math.sin(windFromDeg * radians)).toBeCloseTo(out[2], 9);
      expect(-windMps * Math.cos(windFromDeg * radians)).toBeCloseTo(out[3], 9);
    }
    expect([out[0], out[1]]).toEqual([0, 0]);
  });
});

describe('key frames', () => {
  const fromMs = 10 * hourMs;
  const toMs = 20 * hourMs;
  const frames: readonly KeyFrame[] = [
    {
      atMs: fromMs,
      windMps: 2,
      windFromDeg: 90,
      rhPct: 90,
      mixingFactor: 0.5,
      tempOffsetC: 4,
      cloud: 0.25,
      rainMmH: 1.5,
      fog: 1,
    },
    { atMs: toMs, windMps: 6, windFromDeg: 150, rhPct: 30, mixingFactor: 2, tempOffsetC: -8, cloud: 1, rainMmH: 0, fog: 0 },
  ];
  const own = weatherOf(3, 2);
  const framed = weatherOf(3, 2, frames);
  const both = (afterMs: number): readonly [Weather, Weather] => [
    own.centre(winterMs + afterMs),
    framed.centre(winterMs + afterMs),
  ];

  test.each([
    [fromMs, 90, 0.5, 4, 0.25, 1.5, 1],
    [toMs, 30, 2, -8, 1, 0, 0],
    // Halfway, three quarters.
    [15 * hourMs, 60, 1.25, -2, 0.625, 0.75, 1],
    [17.5 * hourMs, 45, 1.625, -5, 0.8125, 0.375, 0],
  ])('replace what they name: %d ms after the start', (afterMs, rhPct, factor, offset, cloud, rainMmH, fog) => {
    const [without, found] = both(afterMs);
    expect(found.rhPct).toBeCloseTo(rhPct, 9);
    expect(found.mixingM).toBeCloseTo(factor * without.mixingM, 9);
    expect(found.tempC).toBeCloseTo(without.tempC + offset, 9);
    expect(found.cloud).toBeCloseTo(cloud, 9);
    expect(found.rainMmH).toBeCloseTo(rainMmH, 9);
    expect(found.fog).toBe(fog);
    expect(found.pressureHpa).toBe(without.pressureHpa);
  });

  test('change nothing before the first and after the last', () => {
    for (const afterMs of [0, 5 * hourMs, fromMs - 1, toMs + 1, 30 * hourMs, 47 * hourMs]) {
      const [without, found] = both(afterMs);
      expect(found).toEqual(without);
    }
  });

  test('that name one field leave the others to the generator', () => {
    const humid = weatherOf(3, 2, [
      { atMs: fromMs, rhPct: 60 },
      { atMs: 12 * hourMs, windMps: 3 },
      { atMs: toMs, rhPct: 60 },
    ]);
    for (const afterMs of [fromMs, 11 * hourMs, 15 * hourMs, toMs]) {
      const now = humid.centre(winterMs + afterMs);
      expect(now).toEqual({ ...own.centre(winterMs + afterMs), rhPct: 60, fog: now.fog });
    }
  });

  test('of the wind give the mean of the places; each has a little of its own', () => {
    const steady = weatherOf(3, 9, [
      { atMs: -2 * dayMs, windMps: 3, windFromDeg: 240 },
      { atMs: 12 * dayMs, windMps: 3, windFromDeg: 240 },
    ]);
    const out = new Float64Array(2);
    const winds = Array.from({ length: 18 }, (_, n) => winterMs + n * 12 * hourMs).flatMap((ms) =>
      places.map(({ x, y }) => {
        steady.windInto(ms, x, y, out, 0);
        return [out[0], out[1]] as const;
      }),
    );
    const [u, v] = [meanOf(winds.map((wind) => wind[0])), meanOf(winds.map((wind) => wind[1]))];
    expect(Math.abs(u - 3 * Math.sin(60 * radians))).toBeLessThan(0.2);
    expect(Math.abs(v - 3 * Math.cos(60 * radians))).toBeLessThan(0.2);
    const off = winds.map((wind) => Math.sqrt((wind[0] - u) ** 2 + (wind[1] - v) ** 2));
    expect(meanOf(off)).toBeLessThan(2);
    expect(meanOf(off)).toBeGreaterThan(0.1);
  });

  test.each([
    [350, 30, 10],
    [30, 350, 10],
    [350, 10, 0],
    [100, 200, 150],
    [260, 20, 320],
  ])('from %d° to %d° the wind turns the short way, over %d°', (from, to, want) => {
    const turning = weatherOf(3, 2, [
      { atMs: fromMs, windMps: 10, windFromDeg: from },
      { atMs: toMs, windMps: 10, windFromDeg: to },
    ]);
    const out = new Float64Array(2);
    const sum = [0, 0];
    for (const { x, y } of places) {
      // The same stage of the same weather comes later to the south-east.
      turning.windInto(winterMs + 15 * hourMs + frontDelayMs(x, y), x, y, out, 0);
      sum[0] += out[0];
      sum[1] += out[1];
    }
    const found = Math.atan2(-sum[0], -sum[1]) / radians;
    expect(Math.abs(((found - want + 540) % 360) - 180)).toBeLessThan(15);
  });

  test('a single one acts at its moment only', () => {
    const single = weatherOf(3, 2, [{ atMs: fromMs, rhPct: 66 }]);
    expect(single.centre(winterMs + fromMs).rhPct).toBe(66);
    expect(single.centre(winterMs + fromMs + 1).rhPct).toBe(own.centre(winterMs + fromMs + 1).rhPct);
  });
});

describe('a cold front', () => {
  const weather = weatherOf(5, 30);
  const fronts = weather.fronts.filter((ms) => ms > winterMs && ms < winterMs + 29 * dayMs);

  /** When the pressure rises most within ten minutes, near a front. */
  function arrivalMs(frontMs: number, x: number, y: number): number {
    const from = frontMs - 9 * hourMs;
    const pressure = Array.from({ length: 18 * 60 }, (_, i) => weather.at(from + i * minuteMs, x, y).pressureHpa);
    let at = 10;
    for (let i = 10; i < pressure.length; i++) if (pressure[i] - pressure[i - 10] > pressure[at] - pressure[at - 10]) at = i;
    return from + at * minuteMs;
  }

  test('passes the north-west before the south-east, by the distance at 10 m/s', () => {
    expect(fronts.length).toBeGreaterThan(2);
    const km = (along: number, across: number) => ({
      x: 1000 * (along * Math.sin(145 * radians) + across * Math.cos(145 * radians)),
      y: 1000 * (along * Math.cos(145 * radians) - across * Math.sin(145 * radians)),
    });
    for (const frontMs of fronts.slice(0, 2)) {
      const centreMs = arrivalMs(frontMs, 0, 0);
      const at = (along: number, across: number) => {
        const { x, y } = km(along, across);
        return arrivalMs(frontMs, x, y) - centreMs;
      };
      // 120 km are 12,000 s; along the front itself nothing.
      expect(Math.abs(at(-120, 0) + 12_000_000)).toBeLessThanOrEqual(2 * minuteMs);
      expect(Math.abs(at(120, 0) - 12_000_000)).toBeLessThanOrEqual(2 * minuteMs);
      expect(Math.abs(at(0, 100))).toBeLessThanOrEqual(2 * minuteMs);
    }
  });

  test('brings wind from the north-west and drier, colder air', () => {
    const changes = [1, 2, 3].flatMap((seed) => {
      const own = weatherOf(seed, 60);
      return own.fronts
        .filter((ms) => ms > winterMs + dayMs && ms < winterMs + 59 * dayMs)
        .map((ms) => {
          const [before, after] = [own.centre(ms - dayMs), own.centre(ms + 5 * hourMs)];
          const day = own.centre(ms + dayMs);
          const v = (now: Weather) => -now.windMps * Math.cos(now.windFromDeg * radians);
          return {
            south: v(after) - v(before),
            mps: after.windMps,
            tempC: day.tempC - before.tempC,
            rhPct: day.rhPct - before.rhPct,
          };
        });
    });
    expect(changes.length).toBeGreaterThan(20);
    expect(meanOf(changes.map(({ south }) => south))).toBeLessThan(-1);
    expect(meanOf(changes.map(({ mps }) => mps))).toBeGreaterThan(2.5);
    expect(meanOf(changes.map(({ tempC }) => tempC))).toBeLessThan(-0.5);
    expect(meanOf(changes.map(({ rhPct }) => rhPct))).toBeLessThan(-3);
  });
});

describe('the sun', () => {
  const elevation = (time: string) => Math.asin(sinElevationAt(Date.parse(time))) / radians;

  test.each([
    // 90 − 37.74 ± 23.44.
    ['2025-06-21T12:17+08:00', 75.7],
    ['2025-12-21T12:17+08:00', 28.8],
    ['2028-12-21T12:17+08:00', 28.8],
    // Midnight: below by 90 − 37.74 − 23.44.
    ['2025-06-21T00:17+08:00', -28.8],
  ])('at %s stands at %d°', (time, want) => expect(Math.abs(elevation(time) - want)).toBeLessThan(0.7));

  // The formula of the declination is a degree off at the equinoxes.
  test.each(['2025-03-20', '2025-09-23'])('at noon of the equinox %s stands at 52° and a bit', (day) =>
    expect(Math.abs(elevation(`${day}T12:17+08:00`) - 52.3)).toBeLessThan(1.5),
  );

  test('rises at about five in June and half past seven in December', () => {
    const rise = (day: string) => {
      const midnight = Date.parse(`${day}T00:00+08:00`);
      let minute = 0;
      while (sinElevationAt(midnight + minute * minuteMs) <= 0) minute += 1;
      return minute / 60;
    };
    // Almanac (Hengshui, with refraction and the equation of time): 4:49 and 7:24.
    expect(Math.abs(rise('2025-06-21') - 4.9)).toBeLessThan(0.3);
    expect(Math.abs(rise('2025-12-21') - 7.5)).toBeLessThan(0.3);
  });

  test('the hour is that of Beijing, before 1970 as well', () => {
    expect(hourOf(Date.parse('2025-06-21T15:30+08:00'))).toBeCloseTo(15.5, 9);
    expect(hourOf(Date.parse('1969-06-21T00:15+08:00'))).toBeCloseTo(0.25, 9);
  });

  test('the seasons: 0 in the middle of January, 1 in the middle of July', () => {
    expect(summerShare(Date.parse('2026-01-16T00:00+08:00'))).toBeLessThan(0.001);
    expect(summerShare(Date.parse('2025-07-16T00:00+08:00'))).toBeGreaterThan(0.999);
    expect(summerShare(Date.parse('2025-04-16T00:00+08:00'))).toBeCloseTo(0.5, 1);
  });
});

describe('ninety days', () => {
  const known = new Map<string, readonly Weather[]>();
  /** Every three hours, at 15 places. */
  function hoursOf(seed: number, startMs: number): readonly Weather[] {
    const key = `${seed} ${startMs}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const weather = weatherOf(seed, 90, [], startMs);
    const place = (i: number) => ({ x: (i % 3) * 60_000 - 60_000, y: (i % 5) * 30_000 - 60_000 });
    const hours = Array.from({ length: 720 }, (_, i) => weather.at(startMs + i * 3 * hourMs, place(i).x, place(i).y));
    known.set(key, hours);
    return hours;
  }

  const ranges: readonly [Exclude<keyof Weather, 'windFromDeg'>, number, number][] = [
    ['rhPct', 5, 100],
    ['pressureHpa', 980, 1060],
    ['tempC', -30, 45],
    ['windMps', 0, 25],
    ['cloud', 0, 1],
    ['rainMmH', 0, 100],
    ['fog', 0, 1],
    ['mixingM', 30, 4_000],
    ['sinElevation', -1, 1],
  ];

  test.each([
    ['winter', winterMs],
    ['summer', summerMs],
  ])('of any %s have values that can be', (_, startMs) => {
    for (const seed of [1, 2]) {
      const hours = hoursOf(seed, startMs);
      for (const [field, low, high] of ranges) {
        const values = hours.map((hour) => hour[field]);
        // A missing value fails as well.
        expect(values.every((value) => value >= low && value <= high)).toBe(true);
      }
      expect(hours.every(({ windFromDeg }) => windFromDeg >= 0 && windFromDeg < 360)).toBe(true);
      expect(hours.every(({ mixingM }) => mixingM > 0)).toBe(true);
    }
  });

  test('of winter have a mean wind of 1.4 to 2.2 m/s, most of the hours below the mean', () => {
    const hours = [1, 2, 3, 4].flatMap((seed) => hoursOf(seed, winterMs)).map(({ windMps }) => windMps);
    const mean = meanOf(hours);
    expect(mean).toBeGreaterThan(1.4);
    expect(mean).toBeLessThan(2.2);
    expect(hours.filter((mps) => mps < mean).length / hours.length).toBeGreaterThan(0.52);
  });

  test('are cold, dry and shallow in winter, warm, moist and deep in summer', () => {
    const seeds = [1, 2];
    const of = (startMs: number, field: 'tempC' | 'rhPct' | 'mixingM' | 'rainMmH') =>
      meanOf(seeds.flatMap((seed) => hoursOf(seed, startMs)).map((hour) => hour[field]));
    expect(of(winterMs, 'tempC')).toBeLessThan(3);
    expect(of(summerMs, 'tempC')).toBeGreaterThan(22);
    expect(of(summerMs, 'rhPct')).toBeGreaterThan(of(winterMs, 'rhPct'));
    expect(of(summerMs, 'mixingM')).toBeGreaterThan(1.3 * of(winterMs, 'mixingM'));
    expect(of(summerMs, 'rainMmH')).toBeGreaterThan(2 * of(winterMs, 'rainMmH'));
  });

  test('have their highest mixed layer and most wind in the afternoon', () => {
    const weather = weatherOf(2, 90);
    const at = (hour: number, field: 'mixingM' | 'windMps') =>
      meanOf(Array.from({ length: 90 }, (_, day) => weather.centre(winterMs + day * dayMs + hour * hourMs)[field]));
    expect(at(14, 'mixingM')).toBeGreaterThan(1.8 * at(3, 'mixingM'));
    expect(at(14, 'windMps')).toBeGreaterThan(1.2 * at(3, 'windMps'));
  });
});
