// Instruments of stations and dust sites that cannot be right, whatever the air does: faults, or fraud, but no emissions.

import { catalog, type Kind, metricIndex } from '../../schema/catalog.ts';
import { Flag } from '../../schema/flags.ts';
import type { Source } from '../../schema/register.ts';
import { type Description, type Detector, Judgement, type Life } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import { type RuleId, type Rules, ruleCatalog } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { sourceIndex } from './sourceIndex.ts';

/** Per metric: from so many minutes of one value on it is none; below `least` an instrument shows its lower end. */
interface Still {
  readonly metric: number;
  readonly minutes: number;
  readonly least: number;
  readonly most: number;
  /** It may tremble by so much: an analogue input. */
  readonly trembles: number;
}

const stillOf = (kind: Kind, id: string, minutes: number, least: number, most: number, trembles: number): Still => ({
  metric: metricIndex(kind, id),
  minutes,
  least,
  most,
  trembles,
});

/** Every so many minutes the stretch is looked at: noise would have moved it. */
const lookEvery = 3;

export interface MinuteSeries {
  readonly minutes: Series;
}

/** Of five. */
const lastMinute = (step: number) => step * 5 + 4;

/** Spikes last up to 3 min. */
const aside = 4;

/** A value that does not move. Ends of ranges are left out: clean air, and more than an instrument can show. */
export function stationConstant(series: MinuteSeries, rules: Rules): Detector {
  const { pmMinutes, gasMinutes, closeMinutes } = rules['station-constant'];
  return constantDetector('station-constant', 'air', series, closeMinutes, [
    stillOf('air', 'pm25', pmMinutes, 3, 490, 0.25),
    stillOf('air', 'pm10', pmMinutes, 3, 490, 0.25),
    stillOf('air', 'so2', gasMinutes, 3, 1200, 0.25),
    stillOf('air', 'no2', gasMinutes, 3, 900, 0.25),
    stillOf('air', 'o3', gasMinutes, 3, 900, 0.25),
    stillOf('air', 'co', gasMinutes, 0.1, 50, 0.0025),
    stillOf('air', 'tempC', gasMinutes, -30, 50, 0),
    stillOf('air', 'rhPct', gasMinutes, 1, 99, 0),
  ]);
}

export function siteConstant(series: MinuteSeries, rules: Rules): Detector {
  const { pmMinutes, closeMinutes } = rules['site-constant'];
  return constantDetector('site-constant', 'dust', series, closeMinutes, [
    stillOf('dust', 'pm10', pmMinutes, 3, 2900, 0.25),
    stillOf('dust', 'pm25', pmMinutes, 3, 900, 0.25),
    stillOf('dust', 'tsp', pmMinutes, 3, 2900, 0.25),
  ]);
}

/** Looks at minutes, but only every five: that is soon enough. */
function constantDetector(
  id: RuleId,
  kind: 'air' | 'dust',
  { minutes }: MinuteSeries,
  closeMinutes: number,
  all: readonly Still[],
): Detector {
  const sources = sourceIndex(kind);

  /** Judged from the newest back: what moves is seen at once. */
  function judgeMetric({ metric, minutes: long, least, most, trembles }: Still, source: number, of: number): Judgement {
    const step = lastMinute(of);
    const value = minutes.mean(kind, metric, source, step);
    if (Number.isNaN(value)) return Judgement.unknown;
    if (value < least || value > most) return Judgement.no;
    let known = 1;
    for (let each = step - 1; each > step - long; each -= lookEvery) {
      const before = minutes.mean(kind, metric, source, each);
      if (Number.isNaN(before)) continue;
      if (Math.abs(before - value) > trembles) return Judgement.no;
      known += 1;
    }
    // Whether it stood still in a gap nobody knows.
    return known * lookEvery >= 0.7 * long && !Number.isNaN(minutes.mean(kind, metric, source, step - long))
      ? Judgement.yes
      : Judgement.unknown;
  }

  return {
    ...common(id, '5m', { openAfter: 1, openWithin: 1, closeAfter: Math.ceil(closeMinutes / 5) }),
    reach: Math.ceil(Math.max(...all.map((each) => each.minutes)) / 5),
    setSources: sources.set,
    units: () => sources.all.length,
    unitId: sources.id,
    unitsOf: (of, source) => (of === kind ? [source] : []),
    judge(unit, step) {
      let most: Judgement = Judgement.unknown;
      for (let i = 0; i < all.length; i++) {
        const judgement = judgeMetric(all[i], unit, step);
        if (judgement === Judgement.yes) return judgement;
        if (judgement > most) most = judgement;
      }
      return most;
    },
    describe(unit, fromStep, toStep) {
      const of = { series: minutes, kind, source: unit, sources, toStep: lastMinute(toStep) };
      const still = all.filter((each) => judgeMetric(each, unit, toStep) === Judgement.yes);
      const evidence = still.map(({ metric, minutes: long }) =>
        meanEvidence({ ...of, metric, fromStep: lastMinute(fromStep) - long }, 'constantValue'),
      );
      return described(sources.all[unit], evidence);
    },
  };
}

/** Single minutes jump and are back, again and again: what a plume does not. */
export function sensorSpikes(minutes: Series, rules: Rules): Detector {
  const { height, times, count, withinMinutes, closeMinutes } = rules['sensor-spikes'];
  const metrics = ['pm25', 'pm10'].map((name) => metricIndex('air', name));
  const sources = sourceIndex('air');

  /** Four minutes before, now, and four minutes behind: known only then. */
  function isSpike(metric: number, unit: number, step: number): boolean {
    const value = minutes.mean('air', metric, unit, step - aside);
    const after = minutes.mean('air', metric, unit, step);
    const before = minutes.mean('air', metric, unit, step - 2 * aside);
    const base = Math.max(before, after);
    return value - base > height && value > times * base;
  }

  return {
    ...common('sensor-spikes', '1m', { openAfter: count, openWithin: withinMinutes, closeAfter: closeMinutes }),
    reach: 2 * aside,
    setSources: sources.set,
    units: () => sources.all.length,
    unitId: sources.id,
    unitsOf: (kind, source) => (kind === 'air' ? [source] : []),
    judge(unit, step) {
      for (let i = 0; i < metrics.length; i++) if (isSpike(metrics[i], unit, step)) return Judgement.yes;
      return Number.isNaN(minutes.mean('air', metrics[0], unit, step)) ? Judgement.unknown : Judgement.no;
    },
    describe(unit, _fromStep, toStep) {
      const at = { fromStep: toStep - aside, toStep: toStep - aside };
      const evidence = metrics
        .filter((metric) => isSpike(metric, unit, toStep))
        .map((metric) => meanEvidence({ series: minutes, kind: 'air', metric, source: unit, sources, ...at }, 'spike'));
      return described(sources.all[unit], evidence);
    },
  };
}

/** More PM2.5 than PM10: the smaller cannot be more than both. */
export function sensorInversion(minutes: Series, rules: Rules): Detector {
  const { minutes: long, closeMinutes } = rules['sensor-inversion'];
  const [pm25, pm10] = ['pm25', 'pm10'].map((name) => metricIndex('air', name));
  const sources = sourceIndex('air');
  return {
    ...common('sensor-inversion', '1m', { openAfter: long, openWithin: Math.ceil(long * 1.5), closeAfter: closeMinutes }),
    reach: 0,
    setSources: sources.set,
    units: () => sources.all.length,
    unitId: sources.id,
    unitsOf: (kind, source) => (kind === 'air' ? [source] : []),
    judge(unit, step) {
      if (Number.isNaN(minutes.mean('air', pm25, unit, step))) return Judgement.unknown;
      return (minutes.flags('air', pm25, unit, step) & Flag.inversion) === 0 ? Judgement.no : Judgement.yes;
    },
    describe(unit, fromStep, toStep) {
      const of = { series: minutes, kind: 'air', source: unit, sources, fromStep, toStep } as const;
      return described(sources.all[unit], [
        meanEvidence({ ...of, metric: pm25 }, 'finePart'),
        meanEvidence({ ...of, metric: pm10 }, 'wholePart'),
      ]);
    },
  };
}

/** Neither silent nor there: every other row is missing for hours. */
export function sensorGaps(fives: Series, rules: Rules): Detector {
  const { below, above, stretchMinutes, closeMinutes } = rules['sensor-gaps'];
  const pm25 = metricIndex('air', 'pm25');
  const sources = sourceIndex('air');
  const steps = Math.ceil(stretchMinutes / 5);

  function share(unit: number, step: number): number {
    let ms = 0;
    for (let each = step - steps + 1; each <= step; each++) ms += fives.captureMs('air', unit, each);
    return ms / (steps * fives.sizeMs);
  }

  return {
    ...common('sensor-gaps', '5m', { openAfter: 3, openWithin: 3, closeAfter: Math.ceil(closeMinutes / 5) }),
    reach: steps,
    setSources: sources.set,
    units: () => sources.all.length,
    unitId: sources.id,
    unitsOf: (kind, source) => (kind === 'air' ? [source] : []),
    judge(unit, step) {
      // Nothing for some minutes is silence, and another rule's; national stations tell hours only.
      if (fives.captureMs('air', unit, step) === 0) return Judgement.unknown;
      const there = share(unit, step);
      if (there >= below) return there > (1 + below) / 2 ? Judgement.no : Judgement.near;
      return isPatchy(unit, step) && there > above ? Judgement.yes : Judgement.near;
    },
    describe(unit, fromStep, toStep) {
      const of = { series: fives, kind: 'air', metric: pm25, source: unit, sources, fromStep: fromStep - steps, toStep } as const;
      const evidence = meanEvidence(of, 'shareOfRows');
      return described(sources.all[unit], [
        { ...evidence, value: Math.round(share(unit, toStep) * 100), unit: '%', limit: below * 100, side: 'below' },
      ]);
    },
  };

  /** Not one long gap: most of the windows are there, and have gaps. */
  function isPatchy(unit: number, step: number): boolean {
    let there = 0;
    for (let each = step - steps + 1; each <= step; each++) if (fives.captureMs('air', unit, each) > 0) there += 1;
    return there >= 0.75 * steps;
  }
}

export function common(id: RuleId, size: '1m' | '5m', life: Life): Pick<Detector, 'rule' | 'ruleVersion' | 'size' | 'life'> {
  return { rule: id, ruleVersion: ruleCatalog[id].version, size, life };
}

export function described(
  { id, district, lon, lat, kind }: Source,
  evidence: Description['evidence'],
  severity: Description['severity'] = 'notice',
): Description {
  const named = evidence.filter(({ metric }) => catalog[kind].metrics.some((each) => each.id === metric));
  return { severity, place: { district, lon, lat }, sources: [id], evidence: named, candidates: [] };
}
