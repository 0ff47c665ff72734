// The key's rules for cameras and people on noise-free data: when two looks, when two complaints are to be expected.

import { describe, expect, test } from 'vitest';
import type { CityState, Nuisance, Visible } from '../../../../simulator/world/cityState.ts';
import type { CameraPlace } from '../../../../simulator/world/sensors/camera.ts';
import { expectLooks } from '../../../../simulator/world/truth/looks.ts';
import { expectComplaints } from '../../../../simulator/world/truth/people.ts';

const minuteMs = 60_000;
const noonMs = Date.parse('2026-01-07T12:00:00+08:00');
const night = { fog: 0, rainMmH: 0, sinElevation: -0.5 };

function camera(id: string, km: number): CameraPlace {
  return { id, x: km * 1000, y: 0, rangeM: 5_000 };
}

function fire(more: Partial<Visible> = {}): Visible {
  return { id: 'F/1', type: 'fire', x: 0, y: 0, startMs: noonMs, endMs: noonMs + 40 * minuteMs, strength: 3, ...more };
}

/** Minutes after the start at which the key takes it for seen. */
function seenAfter(cameras: readonly CameraPlace[], visible: Visible, weather = night): number | null | undefined {
  const views = expectLooks(cameras);
  for (let ms = noonMs; ms < visible.endMs; ms += minuteMs)
    views.step({ eventMs: ms, stepMs: minuteMs, visible: [visible], nuisances: [], weather } as unknown as CityState);
  const fromMs = views.seen.get(visible.id)?.fromMs;
  return typeof fromMs === 'number' ? (fromMs - noonMs) / minuteMs : fromMs;
}

/** Name, minutes, cameras, what is visible, weather. */
type Case = readonly [string, number | null | undefined, readonly CameraPlace[], Visible, typeof night?];

describe('cameras', () => {
  const table: readonly Case[] = [
    ['one near camera: its second look, 5 and 5.5 min on', 11, [camera('A', 1)], fire()],
    ['three see it at their first look', 6, [camera('A', 1), camera('B', 1), camera('C', 1)], fire()],
    ['a fire that is out before anybody has looked twice', null, [camera('A', 1)], fire({ endMs: noonMs + 10 * minuteMs })],
    ['a small one at the end of the range is found by chance only', null, [camera('A', 4.9)], fire({ strength: 0.1 })],
    ['thick fog', null, [camera('A', 3)], fire(), { ...night, fog: 1 }],
    ['out of range: no camera', undefined, [camera('A', 5.1)], fire()],
    [
      'the scenario wants it seen, and when',
      8,
      [camera('A', 4.9)],
      fire({ strength: 0.5, detectShare: 1, detectDelayMs: 2 * minuteMs }),
    ],
    ['the scenario wants it unseen', null, [camera('A', 1)], fire({ detectShare: 0.2 })],
  ];
  test.each(table.map((each) => ({ name: each[0], each })))('$name', ({ each: [, minutes, cameras, visible, weather] }) => {
    expect(seenAfter(cameras, visible, weather)).toBe(minutes);
  });
});

describe('people', () => {
  const complaints = {
    ratePer10UgM3H: 0,
    smellBias: 2,
    delayMs: { kind: 'lognormal', median: 30 * minuteMs, gsd: 2 },
    wrongPlaceM: 0,
  } as const;

  /** Minutes after the start from which two complaints are expected. */
  function toldAfter(ratePerH: number, minutes: number): number | null | undefined {
    const people = expectComplaints(complaints);
    const nuisance = { id: 'N/1', category: 'smell', x: 0, y: 0, startMs: noonMs, endMs: noonMs + minutes * minuteMs, ratePerH };
    for (let i = 0; i < minutes; i++)
      people.step({
        eventMs: noonMs + i * minuteMs,
        stepMs: minuteMs,
        nuisances: [nuisance as Nuisance],
      } as unknown as CityState);
    const ms = people.toldFromMs.get('N/1');
    return typeof ms === 'number' ? (ms - noonMs) / minuteMs : ms;
  }

  test('two complaints at four an hour by day are noticed in half an hour and told half an hour later', () => {
    expect(toldAfter(2.05, 120)).toBe(60);
  });

  test('where fewer than two are to be expected, nothing is', () => {
    expect(toldAfter(2.05, 29)).toBeNull();
    expect(toldAfter(0, 120)).toBeNull();
  });
});
