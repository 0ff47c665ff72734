// Stations that somebody has sprayed or covered: particles fall alone while the humidity jumps, and no shower is about.

import { metricIndex } from '../../schema/catalog.ts';
import { type Detector, Judgement } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import { expectedAt } from './expected.ts';
import type { Rules } from './ruleCatalog.ts';
import { common, described } from './sensorFaults.ts';
import { sourceIndex } from './sourceIndex.ts';
import type { StationSeries } from './stations.ts';

/** So long a shower is about: from the first to the last of a station's neighbours [ours]. */
const showerSteps = 12;

/**
 * Wetted, or covered: its particles fall alone while its humidity jumps, and it stays so. The edge of a shower does the same to one
 * station after the other: where a neighbour becomes damp too, or was before, it is the weather.
 */
export function stationSpray({ fives, hours }: StationSeries, rules: Rules): Detector {
  const { fallTo, rhRise, neighboursAbove, holdMinutes, closeMinutes } = rules['station-spray'];
  const [pm10, rhPct] = ['pm10', 'rhPct'].map((name) => metricIndex('air', name));
  const sources = sourceIndex('air');
  const expected = expectedAt(fives, hours, sources);
  const ago = 3; // 15 min
  const holds = Math.ceil(holdMinutes / 5);
  /** Compared with what was before the jump, as long as it must hold; and as long again, for gaps. */
  const longAgo = ago + 2 * holds;
  const value = (metric: number, unit: number, step: number) => fives.mean('air', metric, unit, step);
  const rise = (unit: number, before: number, step: number) => value(rhPct, unit, step) - value(rhPct, unit, before);

  /** Its own humidity against the neighbours', now and then. */
  const damp = (unit: number, step: number) => value(rhPct, unit, step) - expected.median(rhPct, unit, step);

  const jumpsFrom = (unit: number, before: number) => rise(unit, before, before + ago) > rhRise;

  function hasJumped(unit: number, step: number): boolean {
    for (let before = step - longAgo; before <= step - ago; before++) if (jumpsFrom(unit, before)) return true;
    return false;
  }

  /** A neighbour has become damp too in the last hour, by half as much at least, whether it still is or not. */
  function isShower(unit: number, half: number, step: number): boolean {
    const neighbours = expected.neighbours(unit);
    for (let i = 0; i < neighbours.length; i++)
      for (let before = step - showerSteps; before <= step - ago; before++)
        if (rise(neighbours[i].index, before, before + ago) > half) return true;
    return false;
  }

  /** It jumped within 15 min of `before`, and since then nothing is as it was. */
  function judgeSince(unit: number, before: number, step: number): Judgement {
    const dampBefore = damp(unit, before);
    const isWetted =
      jumpsFrom(unit, before) &&
      damp(unit, before + ago) - dampBefore > rhRise &&
      damp(unit, step) - dampBefore > rhRise / 2 &&
      value(pm10, unit, step) < fallTo * value(pm10, unit, before);
    if (!isWetted || isShower(unit, rise(unit, before, before + ago) / 2, step)) return Judgement.near;
    const theirs = expected.median(pm10, unit, step) / expected.median(pm10, unit, before);
    return Number.isNaN(theirs) ? Judgement.unknown : theirs > neighboursAbove ? Judgement.yes : Judgement.near;
  }

  return {
    ...common('station-spray', '5m', {
      openAfter: holds + 1,
      openWithin: longAgo,
      closeAfter: Math.ceil(closeMinutes / 5),
    }),
    reach: Math.max(longAgo, showerSteps),
    setSources(kind, first, list) {
      sources.set(kind, first, list);
      if (kind === 'air') expected.learn();
    },
    units: () => sources.all.length,
    unitId: sources.id,
    unitsOf: (kind, source) => (kind === 'air' ? expected.around(source) : []),
    judge(unit, step) {
      if (Number.isNaN(value(pm10, unit, step))) return Judgement.unknown;
      const jumped = hasJumped(unit, step);
      if (!jumped && value(rhPct, unit, step) < 60) return Judgement.no;
      const dampNow = damp(unit, step);
      if (Number.isNaN(dampNow)) return Judgement.unknown;
      // No damper than its neighbours: the weather has only reached it last.
      if (dampNow <= rhRise / 2) return Judgement.no;
      if (!jumped) return Judgement.near;
      let least: Judgement = Judgement.near;
      for (let before = step - longAgo; before <= step - ago; before++) {
        const judgement = judgeSince(unit, before, step);
        if (judgement === Judgement.yes) return judgement;
        if (judgement < least) least = judgement;
      }
      return least;
    },
    describe(unit, fromStep, toStep) {
      const of = { series: fives, kind: 'air', source: unit, sources } as const;
      const before = { fromStep: fromStep - ago, toStep: fromStep - ago };
      const evidence = [pm10, rhPct].flatMap((metric) => [
        meanEvidence({ ...of, ...before, metric }, 'beforeSpray'),
        meanEvidence({ ...of, metric, fromStep, toStep }, 'afterSpray'),
      ]);
      return described(sources.all[unit], evidence, 'serious');
    },
  };
}
