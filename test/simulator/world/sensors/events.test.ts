import { describe, expect, test } from 'vitest';
import type { CityState, Visible } from '../../../../simulator/world/cityState.ts';
import type { Episode, NetworkFault } from '../../../../simulator/world/episode.ts';
import { cameraSensors, visibility } from '../../../../simulator/world/sensors/camera.ts';
import { vehicleClasses, vehicleSensors } from '../../../../simulator/world/sensors/vehicle.ts';
import { hourMs, mean, midnightMs, minuteMs, quietEpisode, run, sensorCity, stateOf } from './sensorCity.ts';

const register = sensorCity();
const noon = stateOf(register, midnightMs + 12 * hourMs);

describe('cameras', () => {
  // 1 km north of camera 0, which always sees 3 km; camera 1 stands 2.2 km away, the others beyond 4 km.
  const fire: Visible = {
    id: 'B1',
    type: 'fire',
    x: 0,
    y: 1000,
    startMs: noon.eventMs,
    endMs: noon.eventMs + hourMs,
    strength: 2,
  };
  const seen = (visible: Visible, change: Partial<CityState> = {}, seed = 1) =>
    run(cameraSensors(seed, register, quietEpisode), { ...noon, ...change, visible: [visible] }, 90).filter(
      ({ id }) => Number(id?.split('-')[3]) >= 100,
    );

  test('find a fire after some minutes and see it again while it burns', () => {
    const rows = seen({ ...fire, detectShare: 1 }).filter(({ source }) => source === 0);
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.every(({ time }) => time > fire.startMs && time < fire.endMs)).toBe(true);
    const pauses = rows.slice(1).map(({ time }, i) => time - rows[i].time);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(3 * minuteMs);
  });

  test('say where it is, about', () => {
    const rows = seen({ ...fire, x: 800, y: 600, detectShare: 1 }).filter(({ source }) => source === 0);
    expect(mean(rows.map(({ values }) => values.bearingDeg))).toBeGreaterThan(53.1 - 5);
    expect(mean(rows.map(({ values }) => values.bearingDeg))).toBeLessThan(53.1 + 5);
    expect(mean(rows.map(({ values }) => values.rangeKm))).toBeCloseTo(1, 1);
  });

  test('do not see further than they can', () => {
    expect(seen({ ...fire, y: 5200, detectShare: 1 })).toEqual([]);
  });

  test.each([
    [1, 40],
    [0, 0],
  ])('obey the scenario: share %d is found %d times of 40', (detectShare, want) => {
    const found = Array.from({ length: 40 }, (_, i) => seen({ ...fire, id: `B${i}`, detectShare }, {}, i)).filter(
      (rows) => rows.length > 0,
    );
    expect(found.length).toBe(want);
  });

  test('obey the scenario: the nearest one finds it after the delay', () => {
    const [first] = seen({ ...fire, detectShare: 1, detectDelayMs: 4 * minuteMs });
    expect([first.source, first.time - fire.startMs]).toEqual([0, 4 * minuteMs]);
  });

  test('see flames best by night, smoke by day, and little in fog', () => {
    const clear = { fog: 0, rainMmH: 0 };
    expect(visibility('fire', 2, { ...clear, sinElevation: -0.5 })).toBeGreaterThan(
      visibility('fire', 2, { ...clear, sinElevation: 0.5 }),
    );
    expect(visibility('smoke', 2, { ...clear, sinElevation: 0.5 })).toBeGreaterThan(
      4 * visibility('smoke', 2, { ...clear, sinElevation: -0.5 }),
    );
    expect(visibility('smoke', 2, { ...clear, fog: 1, sinElevation: 0.5 })).toBeLessThan(0.15);
  });

  test('raise false alarms at about one a camera and ten days', () => {
    const wide = sensorCity({ cameras: 200 });
    const rows = run(cameraSensors(1, wide, quietEpisode), stateOf(wide), 24 * 60);
    expect(rows.length).toBeGreaterThan(8);
    expect(rows.length).toBeLessThan(36);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(rows.every(({ text }) => text.type === 'fire' || text.type === 'smoke')).toBe(true);
  });

  test('raise more where and while the scenario wants them', () => {
    const wide = sensorCity({ cameras: 200 });
    const fault: NetworkFault = {
      id: 'N2',
      kind: 'false_alarm',
      scope: { kind: 'camera', share: 0.5 },
      fromMs: 6 * hourMs,
      toMs: 18 * hourMs,
      perDay: 12,
    };
    const rowsOf = (episode: Episode) => run(cameraSensors(1, wide, episode), stateOf(wide), 24 * 60);
    const usual = new Map(rowsOf(quietEpisode).map((row) => [row.id, row]));
    const rows = rowsOf({ ...quietEpisode, networkFaults: [fault] });
    const more = rows.filter(({ id }) => !usual.has(id));
    expect(rows.length - more.length).toBe(usual.size);
    expect(more.length).toBeGreaterThan(450);
    expect(more.length).toBeLessThan(750);
    expect(more.every(({ time }) => time >= midnightMs + 6 * hourMs && time < midnightMs + 18 * hourMs)).toBe(true);
    expect(new Set(more.map(({ source }) => source)).size).toBeLessThan(130);
  });

  test('another fire changes nothing of what is seen of the first', () => {
    const other: Visible = { ...fire, id: 'B2', y: -900 };
    const alone = run(cameraSensors(1, register, quietEpisode), { ...noon, visible: [fire] }, 60);
    const both = run(cameraSensors(1, register, quietEpisode), { ...noon, visible: [other, fire] }, 60);
    const ids = new Set(alone.map(({ id }) => id));
    expect(both.filter(({ id }) => ids.has(id))).toEqual(alone);
    expect(new Set(both.map(({ id }) => id)).size).toBe(both.length);
  });
});

describe('roadside gates', () => {
  test('count by the traffic, about 1,400 an hour together on average', () => {
    const usual = run(vehicleSensors(1, register), noon, 60);
    const rush = run(vehicleSensors(1, register), { ...noon, traffic: 1.7 }, 60);
    expect(usual.length).toBeGreaterThan(1000);
    expect(usual.length).toBeLessThan(1900);
    expect(rush.length / usual.length).toBeGreaterThan(1.5);
    expect(rush.length / usual.length).toBeLessThan(1.9);
    expect(new Set(usual.map(({ id }) => id)).size).toBe(usual.length);
    expect(usual.every(({ text }) => vehicleClasses.some((each) => each === text.class))).toBe(true);
  });

  test('a truck ban keeps heavy trucks away and nobody else', () => {
    const free = run(vehicleSensors(1, register), noon, 30);
    const banned = run(vehicleSensors(1, register), { ...noon, truckBan: 1 }, 30);
    expect(free.some(({ text }) => text.class === 'heavy diesel truck')).toBe(true);
    expect(banned).toEqual(free.filter(({ text }) => text.class !== 'heavy diesel truck'));
  });

  test('the dirtiest tenth of the cars gives off about half of the CO', () => {
    const rows = run(vehicleSensors(1, register), noon, 240).filter(({ text }) => text.class === 'petrol car');
    const sorted = rows.map(({ values }) => Math.max(0, values.co)).sort((a, b) => b - a);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const share = sum(sorted.slice(0, rows.length / 10)) / sum(sorted);
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.75);
  });

  test('a dirty vehicle is dirty when it comes again', () => {
    const buses = run(vehicleSensors(1, register), noon, 24 * 60).filter(({ text }) => text.class === 'bus');
    const byPlate = new Map<string, number[]>();
    for (const { text, values } of buses) byPlate.set(text.plateHash, [...(byPlate.get(text.plateHash) ?? []), values.opacity]);
    const pairs = [...byPlate.values()].filter((each) => each.length > 1);
    const dirty = pairs.filter(([first]) => first > 0.3);
    expect(dirty.length).toBeGreaterThan(5);
    expect(mean(dirty.map(([, again]) => again))).toBeGreaterThan(1.5 * mean(pairs.map(([, again]) => again)));
  });
});
