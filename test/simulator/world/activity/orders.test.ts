import { describe, expect, test } from 'vitest';
import { expandScripted, makeOrderBook, scriptedApplies } from '../../../../simulator/world/activity/orders.ts';
import type { Response } from '../../../../simulator/world/episode.ts';
import { processesOf } from '../../../../simulator/world/processes.ts';
import { episodeOf, hourMs, minuteMs, mondayMs, obedient, smallCity } from './smallCity.ts';

const city = smallCity();
const processes = processesOf(city);
const limit = { id: 'O1', enterprise: 'E-0001', process: 'P1', action: 'limit', toPct: 40, effectiveMs: mondayMs } as const;

function book(response: Response = obedient) {
  return makeOrderBook(1, response, processes, ['D0', 'D1']);
}

describe('an order', () => {
  test.each([
    [44, 1], // not read yet
    [45 + 75, 0.7], // half of the ramp
    [45 + 150, 0.4],
    [600, 0.4],
  ])('%d minutes on, %d of production is left', (minutes, left) => {
    const orders = book();
    expect(orders.order(limit, mondayMs)).toBe(true);
    orders.step(mondayMs + minutes * minuteMs);
    expect(orders.keep[0]).toBeCloseTo(left, 6);
    expect(orders.keep[1]).toBe(1);
  });

  test('known before it is in force, it begins when it is in force', () => {
    const orders = book();
    orders.order(limit, mondayMs - 5 * hourMs);
    orders.step(mondayMs);
    expect(orders.keep[0]).toBe(1);
    orders.step(mondayMs + 75 * minuteMs);
    expect(orders.keep[0]).toBeCloseTo(0.7, 6);
  });

  test('lifted on the way, production comes back from where it stood', () => {
    const orders = book();
    orders.order(limit, mondayMs);
    orders.step(mondayMs + 120 * minuteMs);
    expect(orders.lift('O1', mondayMs + 120 * minuteMs)).toBe(true);
    orders.step(mondayMs + 150 * minuteMs);
    expect(orders.keep[0]).toBeCloseTo(0.82, 6);
    orders.step(mondayMs + 300 * minuteMs);
    expect(orders.keep[0]).toBe(1);
  });

  test('the larger of two cuts counts, and the other is left when it ends', () => {
    const orders = book();
    orders.order({ ...limit, untilMs: mondayMs + 10 * hourMs }, mondayMs);
    orders.order({ ...limit, id: 'O2', toPct: 80 }, mondayMs);
    orders.step(mondayMs + 5 * hourMs);
    expect(orders.keep[0]).toBeCloseTo(0.4, 6);
    for (let ms = mondayMs + 10 * hourMs; ms < mondayMs + 14 * hourMs; ms += minuteMs) orders.step(ms);
    expect(orders.keep[0]).toBeCloseTo(0.8, 6);
  });

  test('sent twice it counts once; of nobody it is refused', () => {
    const orders = book();
    expect(orders.order(limit, mondayMs)).toBe(true);
    expect(orders.order(limit, mondayMs)).toBe(false);
    expect(orders.order({ ...limit, id: 'O9', enterprise: 'E-9999' }, mondayMs)).toBe(false);
    expect(orders.order({ ...limit, id: 'O9', process: 'P9' }, mondayMs)).toBe(false);
    expect(orders.lift('O9', mondayMs)).toBe(false);
    expect(orders.labels().map(({ id }) => id)).toEqual(['O1']);
  });
});

describe('obedience', () => {
  const response = (share: Partial<Response>) => ({ ...obedient, comply: 0, ...share });
  const stop = { id: 'S', enterprise: 'E-0001', process: 'P1', action: 'stop', effectiveMs: mondayMs } as const;

  test.each<[Partial<Response>, number, string]>([
    [{ comply: 1 }, 0, 'comply'],
    [{ refuse: 1 }, 1, 'refuse'],
    [{}, 0.5, 'partial'],
    [{ cheat: 1 }, 0, 'cheat'],
  ])('%j leaves %d by day: %s', (share, left, obedience) => {
    const orders = book(response(share));
    orders.order(stop, mondayMs);
    const acted = orders.step(mondayMs + 12 * hourMs);
    expect(orders.keep[0]).toBe(left);
    expect(acted).toBe(left < 1);
    expect(orders.labels()[0].order?.obedience).toBe(obedience);
  });

  test.each([
    ['night_production', 21, 0, Number.NaN, 1],
    ['night_production', 23, 0.9, Number.NaN, 1],
    ['control_off', 23, 0.9, 0, 0],
    ['idle_fan', 23, 0.9, Number.NaN, 0],
    ['meter_bypass', 4, 0.9, Number.NaN, 1],
    ['meter_bypass', 12, 0, Number.NaN, 1],
  ] as const)('a cheat by %s at %d h works at least at %d', (style, hour, floor, treatment, removal) => {
    const orders = book(response({ cheat: 1, cheatStyles: [style] }));
    orders.order(stop, mondayMs - 24 * hourMs);
    orders.step(mondayMs + hour * hourMs);
    const cheating = orders.cheating()[0]?.modifier;
    expect(cheating?.floor ?? 0).toBe(floor);
    expect(cheating?.treatment ?? Number.NaN).toBe(treatment);
    expect(cheating?.removal[2] ?? 1).toBe(removal);
    expect(cheating?.bypass ?? 0).toBe(style === 'meter_bypass' ? 1 : 0);
  });

  test('shares of many enterprises are the asked ones', () => {
    const many = smallCity(2000);
    const orders = makeOrderBook(5, { ...obedient, comply: 0.93, cheat: 0.02, refuse: 0.01 }, processesOf(many), []);
    for (const { id } of many.enterprises) orders.order({ id, enterprise: id, action: 'stop', effectiveMs: mondayMs }, mondayMs);
    const count = (of: string) => orders.labels().filter(({ order }) => order?.obedience === of).length / 2000;
    expect(count('comply')).toBeCloseTo(0.93, 1);
    expect(count('partial')).toBeGreaterThan(0.025);
    expect(count('partial')).toBeLessThan(0.055);
    expect(count('cheat')).toBeGreaterThan(0.01);
    expect(count('refuse')).toBeGreaterThan(0.004);
  });
});

describe('scripted orders', () => {
  const scripted = { id: 'R', level: 'red', fromMs: 0, toMs: 10 * hourMs, kinds: ['cems', 'site'] } as const;

  test('a level is each plan of the register without its transport', () => {
    const { orders, sector } = expandScripted(scripted, mondayMs, city);
    expect(orders).toHaveLength(80);
    expect(orders[0]).toMatchObject({ enterprise: 'E-0001', process: 'P1', action: 'limit', toPct: 50, effectiveMs: mondayMs });
    expect(orders[1]).toMatchObject({ process: 'P2', action: 'stop', untilMs: mondayMs + 10 * hourMs });
    expect(sector).toMatchObject({ level: 'red' });
  });

  test('a cut is a limit of all targets of its kinds', () => {
    const { orders } = expandScripted({ ...scripted, cut: 0.45 }, mondayMs, city);
    expect(orders).toHaveLength(40);
    expect(orders.every(({ process, toPct }) => process === 'P1' && Math.abs((toPct ?? 0) - 55) < 1e-9)).toBe(true);
    expect(expandScripted({ ...scripted, cut: 0.45, kinds: ['gas'] }, mondayMs, city).sector.dustStop).toBe(0);
  });

  test.each([
    ['open_loop', true, false],
    ['scripted', false, true],
    ['closed_loop', false, false],
    ['closed_loop', true, true],
  ] as const)('%s, fallback %s: they apply %s', (mode, fallback, want) => {
    expect(scriptedApplies(episodeOf([], { mode }), fallback)).toBe(want);
  });

  test('red cuts traffic and dust in full, orange by two thirds; most of it are trucks', () => {
    const orders = book();
    orders.sector({ id: 'S1', level: 'orange', effectiveMs: mondayMs }, mondayMs);
    orders.step(mondayMs + 8 * hourMs);
    expect(orders.keepTraffic()).toBeCloseTo(0.8, 6);
    expect(orders.truckBan()).toBeCloseTo(0.48, 6);
    expect(orders.keepSites[0]).toBeCloseTo(0.4, 6);
  });
});
