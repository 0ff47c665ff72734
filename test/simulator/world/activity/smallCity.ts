// A small register and episode by hand for the tests of activity.

import type { Enterprise, EnterpriseProcess, Register, Source } from '../../../../engine/schema/register.ts';
import type { Look } from '../../../../simulator/world/activity/targets.ts';
import type { Control, Episode, Incident, Response } from '../../../../simulator/world/episode.ts';
import { placeOf } from '../../../../simulator/world/local.ts';

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
/** A Monday without a festival near. */
export const mondayMs = Date.parse('2025-11-17T00:00:00+08:00');

const shifts = ['continuous', 'day', 'two', 'three'] as const;

/** `count` enterprises in a row, 400 m apart, of two processes each: a treated one with a stack, an untreated one without. */
export function smallCity(count = 40): Register {
  const sources: Source[] = [];
  const enterprises = Array.from({ length: count }, (_, n) => enterpriseAt(n));
  for (let n = 0; n < 10; n++) sources.push(sourceAt('air', `A${n}`, 1500 * n, -900));
  for (let n = 0; n < 8; n++) sources.push(sourceAt('dust', `D${n}`, 1000 * n, 500));
  const seat = { zh: '镇', en: 'Seat', district: '131102', ...placeOf({ x: 0, y: 0 }) };
  return {
    city: { code: '131100', zh: '衡水市', en: 'Hengshui' },
    districts: [{ code: '131102', ...seat }],
    sources,
    enterprises,
    townships: [
      { code: 'T1', ...seat },
      { code: 'T2', ...seat, ...placeOf({ x: 9000, y: 0 }) },
    ],
    inspectors: [],
  };
}

function sourceAt(kind: 'air' | 'dust', id: string, x: number, y: number): Source {
  return { kind, id, zh: id, district: '131102', ...placeOf({ x, y }) };
}

function enterpriseAt(n: number): Enterprise {
  const id = `E-${String(n + 1).padStart(4, '0')}`;
  const main: EnterpriseProcess = {
    id: 'P1',
    zh: '熔炼',
    en: 'Melting',
    emits: true,
    ratedKw: 300,
    shifts: shifts[n % 4],
    emission: { so2: 2, nox: 3.2, pm: 0.72, voc: 0.5 },
    treatment: { zh: '布袋', en: 'Baghouse', removes: { so2: 0, nox: 0, pm: 0.99, voc: 0 }, ratedKw: 55 },
    stack: { heightM: 30, diameterM: 1, tempC: 80, flowM3S: 14, cems: `CEMS-${n + 1}` },
    productionMeter: `P-${n + 1}-P`,
    treatmentMeter: `P-${n + 1}-T`,
  };
  const small: EnterpriseProcess = {
    id: 'P2',
    zh: '打磨',
    en: 'Grinding',
    emits: true,
    ratedKw: 30,
    shifts: 'day',
    emission: { so2: 0, nox: 0, pm: 0.02, voc: 0.07 },
  };
  const stops = [
    { process: 'P1', action: 'limit', toPct: 50 },
    { process: 'P2', action: 'stop' },
    { action: 'transport' },
  ] as const;
  return {
    id,
    zh: `厂${n}`,
    en: `Works ${n}`,
    industry: n % 5 === 0 ? 'engineering-rubber' : 'casting',
    grade: 'C',
    district: '131102',
    township: 'T1',
    ...placeOf({ x: 400 * n, y: 0 }),
    processes: [main, small],
    plan: { yellow: [], orange: [stops[1]], red: stops },
  };
}

export const obedient: Response = {
  comply: 1,
  cheat: 0,
  refuse: 0,
  notifyMs: { kind: 'fixed', value: 45 * minuteMs },
  rampMs: { kind: 'fixed', value: 150 * minuteMs },
  cheatStyles: ['night_production', 'control_off', 'meter_bypass', 'idle_fan'],
  trafficCut: 0.3,
  dustStop: 0.9,
};

export function episodeOf(incidents: readonly Incident[] = [], control: Partial<Control> = {}): Episode {
  return {
    id: 'test',
    title: 'test',
    seed: 7,
    startMs: mondayMs,
    durationMs: 3 * 24 * hourMs,
    stepMs: minuteMs,
    warmupMs: 0,
    speed: 1,
    season: 'winter',
    met: [],
    inflow: [],
    incidents,
    sensorFaults: [],
    sensorFaultRate: 0,
    networkFaults: [],
    networkFaultRate: 0,
    cheatRate: 0,
    complaints: { ratePer10UgM3H: 0, smellBias: 1, delayMs: { kind: 'fixed', value: 0 }, wrongPlaceM: 0 },
    control: { mode: 'closed_loop', response: obedient, scripted: [], ...control },
    truth: { minIncrement: { pm25: 15, pm10: 40, kSigma: 3 }, top: 5 },
  };
}

/** North wind, 2 m/s: what is south lies downwind. Reach falls with distance. */
export const northWind: Look = {
  windAt: () => ({ windMps: 2, windFromDeg: 0 }),
  reach: (from, to) => {
    const along = from.y - to.y;
    const across = from.x - to.x;
    return along <= 0 ? 0 : Math.exp(-(across * across) / 20_000) / along;
  },
};
