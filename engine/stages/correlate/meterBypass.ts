// A production meter that shows a standstill while production runs: the main meter or the stack says otherwise.

import { metricIndex } from '../../schema/catalog.ts';
import { type Detector, Judgement } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import { type Line, standsStill } from './lookBack.ts';
import { type Rules, ruleCatalog } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { flowAtIdle, stillFromKw, stillMeter } from './stacks.ts';
import { unitSources } from './unitSources.ts';

/** Of the minutes of the hour so many must be known, from each meter [ours]. */
const knownShare = 0.7;
/** Hours with production on that the rest of the works must have been seen in [ours]. */
const baselineHours = 6;
/** And so far back: on a Monday morning the hours of Friday, when the offices were open too [ours]. */
const baselineFrom = 68;
/** Hours that are looked through: what a works draws at weekends is another matter [ours]. */
const baselineSpan = 69;
/** What takes an hour is looked at so often. */
const everyMinutes = 5;

/**
 * In minutes, not fives: a clock an hour behind revises fives, and would look like a bypass at the end of every shift.
 *
 * Domain report 2.7 [P] says: main less sub-meters above 20 % for an hour. But a works has circuits without a sub-meter, so what
 * counts is what the main meter carries above the most that the rest has drawn in the last days while production was on.
 * A bypass before the main meter does not show there; only a stack's monitor sees it: flow as with the fan on, and pollutants in it.
 */
export function meterBypass(links: readonly ProcessLink[], minutes: Series, hours: Series, rules: Rules): Detector {
  const { productionOn, restAbove, bypassMinutes, closeMinutes, pollutantAbove } = rules['meter-bypass'];
  const units = links.filter(
    ({ productionMeter, mainMeter, cems, voc }) => productionMeter !== undefined && (mainMeter ?? cems ?? voc) !== undefined,
  );
  const named = (kind: 'power' | 'cems' | 'voc', id: string | undefined) => (id === undefined ? undefined : { kind, id });
  const sources = unitSources(
    units.map((link) => ({
      main: named('power', link.mainMeter),
      production: named('power', link.productionMeter),
      treatment: named('power', link.treatmentMeter),
      cems: named('cems', link.cems),
      voc: named('voc', link.voc),
    })),
    ['main', 'production', 'treatment', 'cems', 'voc'],
  );
  const { main, production, treatment, cems, voc } = sources.of;
  const power: Line = { series: minutes, kind: 'power', metric: 0 };
  const at = (id: string) => metricIndex('cems', id);
  const limited = [
    ['so2', at('so2Conv')],
    ['nox', at('noxConv')],
    ['pm', at('pmConv')],
  ] as const;
  const cemsFlow = at('flowM3S');
  const nmhc = metricIndex('voc', 'nmhc');
  const vocFlow = metricIndex('voc', 'flowM3S');

  /** kW that no sub-meter shows. */
  function restAt(unit: number, step: number): number {
    const sub = treatment[unit] < 0 ? 0 : minutes.mean('power', 0, treatment[unit], step);
    return minutes.mean('power', 0, main[unit], step) - minutes.mean('power', 0, production[unit], step) - sub;
  }

  /** Most that the rest has drawn in an hour with production on; NaN: not seen often enough. */
  function mostOfRest(unit: number, beforeHour: number): number {
    const onKw = productionOn * units[unit].ratedKw;
    let most = 0;
    let known = 0;
    if (Number.isNaN(hours.mean('power', 0, main[unit], beforeHour - baselineFrom))) return Number.NaN;
    for (let hour = beforeHour - baselineSpan; hour < beforeHour; hour++) {
      const own = hours.mean('power', 0, production[unit], hour);
      if (!(own >= onKw)) continue;
      const sub = treatment[unit] < 0 ? 0 : hours.mean('power', 0, treatment[unit], hour);
      const rest = hours.mean('power', 0, main[unit], hour) - own - sub;
      if (Number.isNaN(rest)) continue;
      known += 1;
      most = Math.max(most, rest);
    }
    return known < baselineHours ? Number.NaN : most;
  }

  function mainSays(unit: number, step: number): Judgement {
    if (main[unit] < 0) return Judgement.unknown;
    const rest = restAt(unit, step);
    if (Number.isNaN(rest)) return Judgement.unknown;
    // Most works at rest end here; the rest is looked at closely.
    const leastKw = restAbove * units[unit].ratedKw;
    if (rest < leastKw) return Judgement.no;
    // Hours that have surely closed, so that a minute is judged alike whenever it is.
    const most = mostOfRest(unit, Math.floor(step / 60) - 1);
    if (Number.isNaN(most)) return Judgement.unknown;
    return rest - most > Math.max(leastKw, restAbove * most) ? Judgement.yes : Judgement.no;
  }

  function hasPollutant(unit: number, step: number): boolean {
    const { limits } = units[unit];
    if (voc[unit] >= 0 && limits.nmhc !== undefined)
      return minutes.mean('voc', nmhc, voc[unit], step) > pollutantAbove * limits.nmhc;
    return limited.some(([name, metric]) => {
      const limit = limits[name];
      return limit !== undefined && minutes.mean('cems', metric, cems[unit], step) > pollutantAbove * limit;
    });
  }

  function stackSays(unit: number, step: number): Judgement {
    const { flowM3S } = units[unit];
    const flow =
      voc[unit] >= 0 ? minutes.mean('voc', vocFlow, voc[unit], step) : minutes.mean('cems', cemsFlow, cems[unit], step);
    if (flowM3S === undefined || Number.isNaN(flow)) return Judgement.unknown;
    return flow > 0.8 * flowAtIdle * flowM3S && hasPollutant(unit, step) ? Judgement.yes : Judgement.no;
  }

  return {
    rule: 'meter-bypass',
    ruleVersion: ruleCatalog['meter-bypass'].version,
    size: '1m',
    life: {
      openAfter: Math.ceil((knownShare * bypassMinutes) / everyMinutes),
      openWithin: Math.ceil(bypassMinutes / everyMinutes) * everyMinutes,
      closeAfter: Math.ceil(closeMinutes / everyMinutes),
    },
    reach: stillMeter.steps,
    hoursReach: [2, baselineSpan + 1],
    setSources: sources.set,
    units: () => units.length,
    unitId: (unit) => `${units[unit].enterprise}/${units[unit].process}`,
    unitsOf: sources.unitsOf,
    judge(unit, step) {
      if (step % everyMinutes !== 0) return Judgement.unknown;
      const kw = minutes.mean('power', 0, production[unit], step);
      if (Number.isNaN(kw)) return Judgement.unknown;
      if (kw >= productionOn * units[unit].ratedKw) return Judgement.no;
      // Who has a monitor is judged by it: it sees the process itself.
      const byStack = stackSays(unit, step);
      const judgement = byStack === Judgement.unknown ? mainSays(unit, step) : byStack;
      // A meter that hangs is a fault, not a bypass: another rule's.
      if (judgement === Judgement.yes && kw > stillFromKw && standsStill(power, production[unit], step, stillMeter))
        return Judgement.unknown;
      return judgement;
    },
    describe(unit, fromStep, toStep) {
      const { enterprise, process, district, lon, lat, ratedKw, flowM3S } = units[unit];
      const stretch = { ...power, sources: sources.names('power'), fromStep, toStep };
      const flowOf = (kind: 'cems' | 'voc', source: number, metric: number) =>
        source < 0 || flowM3S === undefined
          ? []
          : [
              meanEvidence(
                { series: minutes, kind, metric, source, sources: sources.names(kind), fromStep, toStep },
                'stackFlow',
                {
                  limit: 0.8 * flowAtIdle * flowM3S,
                  side: 'above',
                },
              ),
            ];
      const limit = productionOn * ratedKw;
      return {
        severity: 'warning',
        place: { district, lon, lat },
        enterprise,
        process,
        sources: [units[unit].productionMeter ?? ''],
        evidence: [
          meanEvidence({ ...stretch, source: production[unit] }, 'productionPower', { limit, side: 'below' }),
          ...(main[unit] < 0 ? [] : [meanEvidence({ ...stretch, source: main[unit] }, 'mainPower')]),
          ...flowOf('cems', cems[unit], cemsFlow),
          ...flowOf('voc', voc[unit], vocFlow),
        ],
        candidates: [{ id: enterprise, score: 1, reasons: ['ownMeter'] }],
      };
    },
  };
}

/** A meter that cannot be right: it hangs, or shows more than the main meter in front of it. A fault, or wrong wiring. */
export function meterFault(links: readonly ProcessLink[], fives: Series, rules: Rules): Detector {
  const { overMain, faultMinutes, closeMinutes } = rules['meter-fault'];
  const meters = [...new Map(links.flatMap((link) => metersOf(link).map((id) => [id, { id, link }] as const))).values()];
  const sources = unitSources(
    meters.map(({ id, link }) => {
      const named = (name: string | undefined) => (name === undefined ? undefined : ({ kind: 'power', id: name } as const));
      const isSub = id !== link.mainMeter;
      return { own: named(id), main: isSub ? named(link.mainMeter) : undefined };
    }),
    ['own', 'main'],
  );
  const { own, main } = sources.of;
  const power: Line = { series: fives, kind: 'power', metric: 0 };
  const steps = Math.ceil(faultMinutes / 5);
  const stillness = { steps, least: Math.ceil(knownShare * steps), spread: stillMeter.spread };

  /** Step by step: the hour's means would make a clock that is minutes off look like it. */
  function isAboveMain(unit: number, step: number): boolean {
    let above = 0;
    for (let each = step; each > step - steps; each--) {
      const isAbove = fives.mean('power', 0, own[unit], each) > overMain * fives.mean('power', 0, main[unit], each);
      if (isAbove) above += 1;
      else if (each === step) return false;
    }
    return above >= stillness.least && !standsStill(power, main[unit], step, stillness);
  }

  return {
    rule: 'meter-fault',
    ruleVersion: ruleCatalog['meter-fault'].version,
    size: '5m',
    life: { openAfter: 1, openWithin: 1, closeAfter: Math.ceil(closeMinutes / 5) },
    reach: steps - 1,
    setSources: sources.set,
    units: () => meters.length,
    unitId: (unit) => meters[unit].id,
    unitsOf: sources.unitsOf,
    judge(unit, step) {
      const kw = fives.mean('power', 0, own[unit], step);
      if (Number.isNaN(kw)) return Judgement.unknown;
      if (kw > stillFromKw && standsStill(power, own[unit], step, stillness)) return Judgement.yes;
      return main[unit] >= 0 && isAboveMain(unit, step) ? Judgement.yes : Judgement.no;
    },
    describe(unit, fromStep, toStep) {
      const { link, id } = meters[unit];
      const { enterprise, process, district, lon, lat } = link;
      const from = Math.min(fromStep, toStep - steps + 1);
      const stretch = { ...power, sources: sources.names('power'), fromStep: from, toStep };
      return {
        severity: 'notice',
        place: { district, lon, lat },
        enterprise,
        process,
        // Which of the two is wrong, their readings do not say.
        sources: main[unit] < 0 ? [id] : [id, link.mainMeter ?? id],
        evidence: [
          meanEvidence({ ...stretch, source: own[unit] }, 'meterPower'),
          ...(main[unit] < 0 ? [] : [meanEvidence({ ...stretch, source: main[unit] }, 'mainPower')]),
        ],
        candidates: [{ id: 'instrument', score: 0.8, reasons: ['standsStill'] }],
      };
    },
  };
}

function metersOf({ mainMeter, productionMeter, treatmentMeter }: ProcessLink): readonly string[] {
  return [mainMeter, productionMeter, treatmentMeter].filter((id) => id !== undefined);
}
