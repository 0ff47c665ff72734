import { describe, expect, test } from 'vitest';
import type { Nuisance } from '../../../../simulator/world/cityState.ts';
import { localOf } from '../../../../simulator/world/local.ts';
import { petitionSensors, wakingShare } from '../../../../simulator/world/sensors/petition.ts';
import { complaintCategories, complaintText, complaintTexts, whenText } from '../../../../simulator/world/sensors/texts.ts';
import { hourMs, mean, midnightMs, minuteMs, quietEpisode, run, sensorCity, stateOf } from './sensorCity.ts';

const register = sensorCity();
const morning = stateOf(register, midnightMs + 8 * hourMs);
const smell: Nuisance = {
  id: 'E2',
  category: 'smell',
  ratePerH: 6,
  x: 3000,
  y: 500,
  startMs: morning.eventMs,
  endMs: morning.eventMs + 6 * hourMs,
};
const told = (nuisances: readonly Nuisance[], minutes = 8 * 60, episode = quietEpisode) =>
  run(petitionSensors(1, register, episode), { ...morning, nuisances }, minutes);
const usual = new Set(told([]).map(({ id }) => id));
const fromSmell = told([smell]).filter(({ id }) => !usual.has(id));

describe('complaints', () => {
  test('come from a nuisance at its rate, a smell twice as often by the scenario', () => {
    expect(fromSmell.length).toBeGreaterThan(50);
    expect(fromSmell.length).toBeLessThan(96);
    expect(new Set(fromSmell.map(({ text }) => text.category))).toEqual(new Set(['smell']));
    expect(new Set(fromSmell.map(({ id }) => id)).size).toBe(fromSmell.length);
  });

  test('are told later than they are noticed', () => {
    const times = fromSmell.map(({ time }) => time);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(smell.startMs + 30 * minuteMs);
    expect(Math.max(...times)).toBeGreaterThan(smell.endMs);
    expect(Math.max(...times)).toBeLessThan(smell.endMs + 30 * minuteMs);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  test('name a place some hundred metres off', () => {
    const off = fromSmell.map(({ values }) => {
      const { x, y } = localOf({ lon: values.lon, lat: values.lat });
      return [x - smell.x, y - smell.y];
    });
    expect(Math.abs(mean(off.map(([x]) => x)))).toBeLessThan(200);
    expect(Math.sqrt(mean(off.map(([x, y]) => (x * x + y * y) / 2)))).toBeGreaterThan(400);
    expect(Math.sqrt(mean(off.map(([x, y]) => (x * x + y * y) / 2)))).toBeLessThan(600);
  });

  test('of other causes stay the same', () => {
    const rows = told([smell]).filter(({ id }) => usual.has(id));
    expect(rows).toEqual(told([]));
    expect(rows.length).toBeGreaterThan(0);
  });

  test('of haze begin above 75 µg/m³, in the district that has it', () => {
    const hazy = { ...morning, air: { ...morning.air, pm25: morning.air.pm25.map(() => 275) } };
    const loud = { ...quietEpisode, complaints: { ...quietEpisode.complaints, ratePer10UgM3H: 0.5 } };
    const rows = run(petitionSensors(1, register, loud), hazy, 8 * 60).filter(({ id }) => !usual.has(id));
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.every(({ text }) => text.category === 'haze' && text.text.length > 8)).toBe(true);
    expect(told([], 8 * 60, loud).filter(({ id }) => !usual.has(id)).length).toBeLessThan(8);
  });

  test('are few by night', () => {
    expect(wakingShare('dust', 3)).toBeLessThan(0.1);
    expect(wakingShare('noise', 3)).toBeGreaterThan(0.3);
    expect(wakingShare('smell', 12)).toBe(1);
  });
});

describe('texts', () => {
  const request = {
    place: '安平县马店镇',
    enterprise: '衡水恒达橡胶有限公司',
    eventMs: midnightMs + 23 * hourMs,
    reportedMs: midnightMs + 24.5 * hourMs,
    startMs: midnightMs + 20 * hourMs,
  };

  test.each(complaintCategories)('%s has at least eight, and no slot stays open', (category) => {
    expect(complaintTexts[category].length).toBeGreaterThanOrEqual(8);
    const made = Array.from({ length: 400 }, (_, i) => {
      const draws = { use: i };
      return complaintText({ ...request, category, chance: (use) => ((draws.use * 7919 + use.length * 131) % 997) / 997 });
    });
    expect(new Set(made).size).toBeGreaterThan(7);
    expect(made.filter((text) => /[{}]|undefined/.test(text))).toEqual([]);
  });

  test('name what stands near', () => {
    const made = Array.from({ length: 50 }, (_, i) => complaintText({ ...request, category: 'smell', chance: () => i / 50 }));
    expect(made.some((text) => text.includes('橡胶厂'))).toBe(true);
    expect(made.some((text) => text.includes('胶皮味'))).toBe(true);
  });

  test('of night work are only said of a night', () => {
    const atNoon = { ...request, eventMs: midnightMs + 12 * hourMs };
    const made = Array.from({ length: 50 }, (_, i) => complaintText({ ...atNoon, category: 'noise', chance: () => i / 50 }));
    expect(made.filter((text) => text.includes('夜'))).toEqual([]);
  });

  test('fit the season', () => {
    const inJune = {
      ...request,
      category: 'burning' as const,
      eventMs: Date.UTC(2025, 5, 12, 6),
      reportedMs: Date.UTC(2025, 5, 12, 7),
    };
    const made = Array.from({ length: 60 }, (_, i) => complaintText({ ...inJune, chance: () => i / 60 }));
    expect(made.some((text) => text.includes('麦茬'))).toBe(true);
    expect(made.filter((text) => text.includes('玉米'))).toEqual([]);
  });

  test.each([
    [23, 24.5, '昨晚11点多'],
    [23, 23.1, '刚才'],
    [14, 16, '今天下午2点多'],
    [3, 9, '今天凌晨3点多'],
    [9, 26, '昨天上午9点多'],
    [12, 61, '前几天中午12点多'],
  ])('what was at %d h and is told at %d h: %s', (eventHour, reportedHour, want) => {
    expect(whenText(midnightMs + eventHour * hourMs, midnightMs + reportedHour * hourMs, 0)).toBe(want);
  });
});
