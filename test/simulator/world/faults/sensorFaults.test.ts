import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../../engine/schema/catalog.ts';
import type { Columns } from '../../../../simulator/world/columns.ts';
import type { Episode, SensorFault } from '../../../../simulator/world/episode.ts';
import { faultPlan } from '../../../../simulator/world/faults/faultPlan.ts';
import { addBadMinutes } from '../../../../simulator/world/faults/gilbert.ts';
import { applySensorFaults, runawayFactor } from '../../../../simulator/world/faults/sensorFaults.ts';
import { dayMs, episodeOf, hourMs, minuteMs, registerOf, rowsOf, rowTexts, startMs } from './faultCity.ts';

const counts = { air: 40, cems: 20, voc: 10, dust: 30, power: 60 };
const register = registerOf(counts);

const base = { id: 'F1', source: 'S003', sourceKind: 'air', metrics: ['pm25'], fromMs: hourMs, toMs: 3 * hourMs } as const;

function run(episode: Episode, kind: Kind, minutes: readonly number[]): Columns[] {
  const apply = applySensorFaults(faultPlan(episode.seed, register, episode));
  return minutes.map((minute) => apply(rowsOf(kind, counts[kind as keyof typeof counts], startMs + minute * minuteMs)));
}

/** Values of one source and metric with the fault, and without. */
function effect(fault: Partial<SensorFault> & Pick<SensorFault, 'kind'>, minutes: readonly number[], metric = 'pm25') {
  const kind = fault.sourceKind ?? 'air';
  const shown = run(episodeOf({ sensorFaults: [{ ...base, ...fault }] }), kind, minutes);
  return {
    shown: shown.map(({ values }) => values[metric][2]),
    real: minutes.map((minute) => rowsOf(kind, 4, startMs + minute * minuteMs).values[metric][2]),
  };
}

const upTo = (end: number) => Array.from({ length: end }, (_, minute) => minute);

describe('rows without a fault', () => {
  it('come back as the same object', () => {
    const columns = rowsOf('air', 40, startMs);
    expect(applySensorFaults(faultPlan(1, register, episodeOf()))(columns)).toBe(columns);
    const ordered = applySensorFaults(faultPlan(1, register, episodeOf({ sensorFaults: [{ ...base, kind: 'stuck' }] })));
    expect(ordered(columns)).toBe(columns);
  });

  it('stay bit by bit when a fault is added at another source', () => {
    const busy = { sensorFaultRate: 20, durationMs: dayMs };
    const faults: SensorFault[] = (
      ['stuck', 'drift', 'step', 'spike', 'dropout', 'saturate', 'rh_runaway', 'tamper'] as const
    ).map((kind) => ({
      ...base,
      id: `F ${kind}`,
      kind,
      metrics: [],
      fromMs: 0,
      toMs: dayMs,
    }));
    const others = (episode: Episode) => rowTexts(run(episode, 'air', upTo(600))).filter((row) => !row.startsWith('air 0 2 '));
    const before = others(episodeOf(busy));
    expect(others(episodeOf({ ...busy, sensorFaults: faults }))).toEqual(before);
    expect(before).not.toEqual(others(episodeOf({ durationMs: dayMs })));
  });

  it('are the same whether time was stepped through or jumped to', () => {
    // Without stuck: that fault holds what its sensor showed first.
    const plan = faultPlan(1, register, episodeOf({ sensorFaultRate: 20 }));
    const calm = { ...plan, records: plan.records.filter(({ kind }) => kind !== 'stuck') };
    const stepped = applySensorFaults(calm);
    for (const minute of upTo(500)) stepped(rowsOf('dust', 30, startMs + minute * minuteMs));
    const last = rowTexts([stepped(rowsOf('dust', 30, startMs + 500 * minuteMs))]);
    expect(rowTexts([applySensorFaults(calm)(rowsOf('dust', 30, startMs + 500 * minuteMs))])).toEqual(last);
    expect(last).not.toEqual(rowTexts([rowsOf('dust', 30, startMs + 500 * minuteMs)]));
  });
});

describe('each fault', () => {
  it('stuck holds the first value until its end', () => {
    const { shown, real } = effect({ kind: 'stuck' }, [59, 60, 61, 62, 179, 180]);
    expect(shown).toEqual([real[0], real[1], real[1], real[1], real[1], real[5]]);
  });

  it('stuck may tremble by a resolution', () => {
    const plan = faultPlan(1, register, episodeOf({ sensorFaults: [{ ...base, kind: 'stuck' }] }));
    const apply = applySensorFaults({ ...plan, records: plan.records.map((record) => ({ ...record, dither: 1 })) });
    const shown = upTo(60).map((minute) => apply(rowsOf('air', 40, startMs + hourMs + minute * minuteMs)).values.pm25[2]);
    const steps = new Set(shown.map((value) => Math.round((value - shown[0]) * 10)));
    expect([...steps].sort((a, b) => a - b)).toEqual([-1, 0, 1]);
  });

  it('stuck keeps hourly means apart from instants', () => {
    const apply = applySensorFaults(faultPlan(1, register, episodeOf({ sensorFaults: [{ ...base, kind: 'stuck' }] })));
    apply(rowsOf('air', 4, startMs + hourMs));
    const mean = rowsOf('air', 4, startMs + hourMs, hourMs);
    mean.values.pm25[2] = 333;
    expect(apply(mean).values.pm25[2]).toBe(333);
    expect(apply(rowsOf('air', 4, startMs + hourMs + minuteMs)).values.pm25[2]).toBe(22);
  });

  it('drift grows by its rate a day', () => {
    const { shown, real } = effect({ kind: 'drift', ratePerDay: 0.5, toMs: 5 * dayMs }, [60, 60 + 1440, 60 + 2 * 1440]);
    expect(shown).toEqual([real[0], real[1] * 1.5, real[2] * 2]);
  });

  it('step multiplies', () => {
    const { shown, real } = effect({ kind: 'step', factor: 0.5 }, [59, 60, 180]);
    expect(shown).toEqual([real[0], real[1] / 2, real[2]]);
  });

  it('spike comes at its rate, 1 to 3 minutes long, about its height', () => {
    const { shown, real } = effect({ kind: 'spike', ratePerHour: 2, size: 250, fromMs: 0, toMs: 8 * dayMs }, upTo(8 * 1440));
    const heights = shown.map((value, minute) => value - real[minute]);
    const lengths = heights
      .map((height) => (height > 0 ? 'x' : ' '))
      .join('')
      .split(/ +/)
      .filter(Boolean);
    // Spikes of two neighbouring slots may touch.
    expect(lengths.length).toBeGreaterThan(8 * 24 * 2 * 0.8);
    expect(lengths.length).toBeLessThan(8 * 24 * 2 * 1.2);
    const high = heights.filter((height) => height > 0).sort((a, b) => a - b);
    expect(Math.abs(high[high.length >> 1] - 250)).toBeLessThan(25);
    expect(high.length / lengths.length).toBeGreaterThan(1.7);
    expect(high.length / lengths.length).toBeLessThan(2.5);
  });

  it('a spike shows in an hourly mean by its share', () => {
    const plan = faultPlan(1, register, episodeOf({ sensorFaults: [{ ...base, kind: 'spike' }] }));
    const at = startMs + hourMs + 10 * minuteMs;
    const [record] = plan.records;
    const one = { ...record, ratePerHour: undefined, size: 600, fromMs: at, toMs: at + 2 * minuteMs };
    const apply = applySensorFaults({ ...plan, records: [one] });
    expect(apply(rowsOf('air', 4, startMs + hourMs, hourMs)).values.pm25[2]).toBe(22 + 20);
    expect(apply(rowsOf('air', 4, at + minuteMs)).values.pm25[2]).toBe(22 + 11 + 600);
  });

  it('dropout of a metric leaves a gap, of all metrics takes the row out', () => {
    const some = effect({ kind: 'dropout', share: 0.4, toMs: 11 * hourMs }, upTo(720));
    const gaps = some.shown.filter(Number.isNaN).length;
    expect(gaps).toBeGreaterThan(0.25 * 600);
    expect(gaps).toBeLessThan(0.55 * 600);
    expect(some.shown.slice(0, 60)).toEqual(some.real.slice(0, 60));
    const whole = run(episodeOf({ sensorFaults: [{ ...base, kind: 'dropout', metrics: [], share: 0.4 }] }), 'air', upTo(240));
    const short = whole.filter(({ rows }) => rows === 39);
    expect(short.length).toBeGreaterThan(20);
    expect(whole.filter(({ rows }) => rows === 40).length).toBe(240 - short.length);
    for (const { source, time, values } of short) {
      expect(Array.from(source)).toEqual(Array.from({ length: 40 }, (_, index) => index).filter((index) => index !== 2));
      const all = [...source.keys()];
      const minute = Math.floor(time[0] / minuteMs) % 60;
      expect(Array.from(values.co)).toEqual(all.map((row) => 70 + source[row] + minute));
    }
  });

  it('saturate cuts off', () => {
    const { shown } = effect({ kind: 'saturate', at: 40 }, [60 + 10, 60 + 18, 60 + 30, 180 + 30]);
    expect(shown).toEqual([32, 40, 40, 52]);
  });

  it('cross_interference adds a part of another metric', () => {
    const { shown, real } = effect({ kind: 'cross_interference', metrics: ['o3'], with: 'no2', coef: 0.5 }, [60, 180], 'o3');
    // no2 is the metric before o3: 10 less.
    expect(shown).toEqual([real[0] + 0.5 * (real[0] - 10), real[1]]);
  });

  it('rh_runaway triples the response to humidity', () => {
    const { shown, real } = effect({ kind: 'rh_runaway', metrics: [] }, [60, 180]);
    // rhPct is the eighth metric: 20 + 70 + 2 = 92 %.
    expect(shown[0]).toBeCloseTo(real[0] * runawayFactor(92), 1);
    expect(shown[1]).toBe(real[1]);
    expect(runawayFactor(80)).toBeCloseTo(1.918, 3);
    expect(runawayFactor(0)).toBe(1);
    expect(runawayFactor(100)).toBe(runawayFactor(95));
  });

  it('tamper lowers particles, the coarse ones more, and raises humidity', () => {
    const of = (metric: string) => effect({ kind: 'tamper', factor: 0.5, metrics: ['pm25'] }, [60], metric);
    const pm25 = of('pm25');
    const pm10 = of('pm10');
    expect(pm25.shown[0]).toBe(pm25.real[0] / 2);
    expect(pm10.shown[0] / pm10.real[0]).toBeLessThan(0.45);
    expect(of('rhPct').shown[0]).toBe(100);
    expect(of('so2').shown).toEqual(of('so2').real);
  });

  it('tamper at a stack changes what it names', () => {
    const { shown, real } = effect({ kind: 'tamper', factor: 0.5, metrics: ['so2'], sourceKind: 'cems' }, [60], 'so2');
    expect(shown[0]).toBe(real[0] / 2);
  });
});

describe('bursts', () => {
  it.each([0.03, 0.4, 0.9])('miss a share of %f of the minutes, together', (share) => {
    let bad = 0;
    let begun = 0;
    for (let hour = 0; hour < 4000; hour++) {
      const words = new Uint32Array(2);
      addBadMinutes(words, 0, { share, seed: 1, stream: 7, hour });
      for (let minute = 0; minute < 60; minute++) {
        const isBad = (words[minute >>> 5] >>> (minute & 31)) & 1;
        const wasBad = minute > 0 ? (words[(minute - 1) >>> 5] >>> ((minute - 1) & 31)) & 1 : 0;
        bad += isBad;
        if (isBad === 1 && wasBad === 0) begun++;
      }
    }
    expect(bad / 240_000 / share).toBeGreaterThan(0.93);
    expect(bad / 240_000 / share).toBeLessThan(1.07);
    expect(bad / begun).toBeGreaterThan(4);
  });

  it('are all or none at the ends of the range', () => {
    const words = new Uint32Array(2);
    addBadMinutes(words, 0, { share: 0, seed: 1, stream: 7, hour: 5 });
    expect(Array.from(words)).toEqual([0, 0]);
    addBadMinutes(words, 0, { share: 1, seed: 1, stream: 7, hour: 5 });
    expect(Array.from(words)).toEqual([0xffffffff, 0x0fffffff]);
  });

  it('take marks along with the rows', () => {
    const apply = applySensorFaults(
      faultPlan(
        1,
        register,
        episodeOf({ sensorFaults: [{ ...base, kind: 'dropout', sourceKind: 'cems', metrics: [], share: 1 }] }),
      ),
    );
    const marks = { so2: Uint8Array.from({ length: 20 }, (_, index) => 65 + index) };
    const left = apply({ ...rowsOf('cems', 20, startMs + hourMs), marks });
    expect(left.rows).toBe(19);
    expect(Array.from(left.marks!.so2.subarray(0, 4))).toEqual([65, 66, 68, 69]);
  });
});
