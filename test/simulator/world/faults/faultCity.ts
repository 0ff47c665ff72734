// A small register, an empty episode and rows of plain values, for the tests of faults.

import { catalog, type Kind, kinds } from '../../../../engine/schema/catalog.ts';
import type { District, Register, Source } from '../../../../engine/schema/register.ts';
import type { Columns } from '../../../../simulator/world/columns.ts';
import type { Episode } from '../../../../simulator/world/episode.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
export const startMs = Date.UTC(2026, 0, 5);

const districts: readonly District[] = ['131102', '131125', '131182'].map((code) => ({
  code,
  zh: code,
  en: code,
  lon: 0,
  lat: 0,
}));

/** The sources of a kind stand in the districts by turns; the first air station is a national one. */
export function registerOf(counts: Partial<Record<Kind, number>>): Register {
  const sources: Source[] = [];
  for (const kind of kinds) {
    for (let index = 0; index < (counts[kind] ?? 0); index++) {
      const isNational = kind === 'air' && index === 0;
      const district = districts[index % districts.length].code;
      sources.push({ kind, id: `${kind}-${index}`, zh: kind, district, ...(isNational && { national: true }) });
    }
  }
  const city = { code: '131100', zh: '衡水市', en: 'Hengshui' };
  return { city, districts, sources, enterprises: [], townships: [], inspectors: [] };
}

/** Ten days without any fault, except for what is given. */
export function episodeOf(given: Partial<Episode> = {}): Episode {
  return {
    id: 'test',
    title: 'test',
    seed: 1,
    startMs,
    durationMs: 10 * dayMs,
    stepMs: minuteMs,
    warmupMs: 0,
    speed: 1,
    season: 'winter',
    met: [],
    inflow: [],
    incidents: [],
    sensorFaults: [],
    sensorFaultRate: 0,
    networkFaults: [],
    networkFaultRate: 0,
    cheatRate: 0,
    complaints: { ratePer10UgM3H: 0, smellBias: 1, delayMs: { kind: 'fixed', value: 0 }, wrongPlaceM: 0 },
    control: {
      mode: 'open_loop',
      response: {
        comply: 1,
        cheat: 0,
        refuse: 0,
        notifyMs: { kind: 'fixed', value: 0 },
        rampMs: { kind: 'fixed', value: 0 },
        cheatStyles: [],
        trafficCut: 0,
        dustStop: 0,
      },
      scripted: [],
    },
    truth: { minIncrement: { pm25: 15, pm10: 30, kSigma: 3 }, top: 5 },
    ...given,
  };
}

/** One row a source; metric m of source s is 20 + 10 m + s, plus the minute of the hour. */
export function rowsOf(kind: Kind, count: number, eventMs: number, periodMs = 0): Columns {
  const minute = Math.floor(eventMs / minuteMs) % 60;
  const column = (index: number) => Float64Array.from({ length: count }, (_, source) => 20 + 10 * index + source + minute);
  return {
    kind,
    rows: count,
    periodMs,
    source: Uint32Array.from({ length: count }, (_, source) => source),
    time: new Float64Array(count).fill(eventMs),
    values: Object.fromEntries(catalog[kind].metrics.map(({ id }, index) => [id, column(index)])),
  };
}

/** Every row as one text, for comparing and counting. */
export function rowTexts(columns: readonly Columns[]): string[] {
  return columns.flatMap(({ kind, rows, periodMs, source, time, values, id, text }) =>
    Array.from({ length: rows }, (_, row) => {
      const shown = Object.keys(values).map((name) => `${name}=${values[name][row]}`);
      const words = Object.values(text ?? {}).map((column) => column[row]);
      return [kind, periodMs, source[row], time[row], ...shown, id?.[row] ?? '', ...words].join(' ');
    }),
  );
}
