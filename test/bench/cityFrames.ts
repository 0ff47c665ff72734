// Rounds of the whole measuring city as frames: every source of air, cems, voc, dust and power, as on an ordinary working day.

import { catalog, type Kind } from '../../engine/schema/catalog.ts';
import type { Source } from '../../engine/schema/register.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { makeRegister } from '../../simulator/world/city.ts';
import { uniform } from '../../simulator/world/random.ts';

const measured: readonly Kind[] = ['air', 'cems', 'voc', 'dust', 'power'];
const register = makeRegister(1);

/** Of so many sources the values are anything: so that detectors have something to tell. */
const oddShare = 0.02;
/** What is usual of other sources differs by so much from place to place, and trembles by so much from round to round. */
const placeShare = 0.1;
const trembleShare = 0.02;

type Values = Readonly<Record<string, number>>;
const usualAir: Values = {
  pm25: 40,
  pm10: 80,
  so2: 12,
  no2: 40,
  o3: 50,
  co: 0.8,
  tempC: 5,
  rhPct: 50,
  pressureHpa: 1015,
  windMps: 2,
  windFromDeg: 200,
};
const usualDust: Values = { pm10: 90, pm25: 40, tsp: 150, noiseDb: 62, windMps: 1.5, windFromDeg: 200 };

/** Production at 60 % of rated power, treatment on, stacks at half of their limits. */
const usualOf = new Map<string, Values>();
for (const { mainMeter, processes, permit } of register.enterprises) {
  let works = 0;
  for (const { ratedKw, treatment, stack, productionMeter, treatmentMeter } of processes) {
    const [own, its] = [0.6 * ratedKw, 0.8 * (treatment?.ratedKw ?? 0)];
    works += own + its;
    if (productionMeter !== undefined) usualOf.set(productionMeter, { kw: own });
    if (treatmentMeter !== undefined) usualOf.set(treatmentMeter, { kw: its });
    const { so2 = 50, nox = 100, pm = 20, nmhc = 60 } = permit?.limits ?? {};
    const gas = { so2: so2 / 2, nox: nox / 2, pm: pm / 2, nmhc: nmhc / 2, benzene: 0.5, toluene: 1 };
    const flow = { o2Pct: stack?.o2RefPct ?? 10, flowM3S: 0.75 * (stack?.flowM3S ?? 0), flueTempC: 80 };
    const stackValues = { ...gas, ...flow, so2Conv: gas.so2, noxConv: gas.nox, pmConv: gas.pm };
    for (const id of [stack?.cems, stack?.voc]) if (id !== undefined) usualOf.set(id, stackValues);
  }
  if (mainMeter !== undefined) usualOf.set(mainMeter, { kw: 1.2 * works });
}

const usual = ({ kind, id }: Source): Values =>
  kind === 'air' ? usualAir : kind === 'dust' ? usualDust : (usualOf.get(id) ?? {});

/** Frames of one round; `rowsPerFrame` cuts each kind. Values stay within the valid range. */
export function cityRoundFrames(rowsPerFrame: number): Frame[] {
  return measured.flatMap((kind) => {
    const all = register.sources.filter((source) => source.kind === kind);
    return Array.from({ length: Math.ceil(all.length / rowsPerFrame) }, (_, part) => {
      const sources = all.slice(part * rowsPerFrame, (part + 1) * rowsPerFrame);
      const values = catalog[kind].metrics.map(({ id, min, max }, m) => {
        const low = Math.max(min, 0);
        const high = Math.min(max, low + 120);
        const valueHere = (source: Source, i: number) => {
          const value = usual(source)[id];
          if (value === undefined || uniform(part, i, 99) < oddShare) return low + (high - low) * uniform(part, m, i);
          return Math.min(max, Math.max(min, value * (1 + placeShare * (uniform(part, m, i) - 0.5))));
        };
        return [id, Float32Array.from(sources, valueHere)] as const;
      });
      return {
        kind,
        rows: sources.length,
        periodMs: 0,
        sources: sources.map(({ id }) => id),
        source: Uint16Array.from(sources, (_source, i) => i),
        time: new Float64Array(sources.length),
        values: Object.fromEntries(values),
      };
    });
  });
}

/** The next round: each value trembles about what it was at first, as instruments do. */
export function trembling(frames: readonly Frame[]): (round: number) => void {
  const columns = frames.flatMap(({ kind, values }) =>
    catalog[kind].metrics.flatMap(({ id, min, max }) => {
      const column = values[id];
      return column === undefined ? [] : [{ column, first: Float32Array.from(column), min, max }];
    }),
  );
  // A table: chance for each value anew would be most of a round.
  const noise = Float64Array.from({ length: 4093 }, (_, i) => 1 + trembleShare * (uniform(1, 7, i) - 0.5));
  return (round) => {
    let at = (round * 641) % noise.length;
    for (const { column, first, min, max } of columns)
      for (let i = 0; i < column.length; i++) {
        column[i] = Math.min(max, Math.max(min, first[i] * noise[at]));
        at = at + 1 < noise.length ? at + 1 : 0;
      }
  };
}

export function valuesOf(frames: readonly Frame[]): number {
  return frames.reduce((sum, frame) => sum + frame.rows * Object.keys(frame.values).length, 0);
}
