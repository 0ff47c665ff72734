// Treatment off, or idling, while production runs: each treatment meter against the meter of what it cleans.

import { Flag } from '../../schema/flags.ts';
import { type Detector, Judgement } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import { type Line, standsStill } from './lookBack.ts';
import { mainContradicts, witnessReach } from './mainWitness.ts';
import { type Rules, ruleCatalog } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { stillFromKw, stillMeter } from './stacks.ts';
import { unitSources } from './unitSources.ts';

interface Pair {
  readonly link: ProcessLink;
  readonly production: string;
  readonly treatment: string;
  readonly treatmentKw: number;
}

const kw = 0;
/** Of the minutes since production should have started so many must be known before anything is said [ours]. */
const knownShare = 0.7;
/** So long a meter is not believed after it has shown what no meter can [ours]. */
const rangeMinutes = 30;

/** A meter that stands for several processes is judged once: with the first. */
function pairsOf(links: readonly ProcessLink[]): readonly Pair[] {
  const pairs = new Map<string, Pair>();
  for (const link of links) {
    const { productionMeter: production, treatmentMeter: treatment, treatmentKw } = link;
    if (production === undefined || treatment === undefined || treatmentKw === undefined || pairs.has(treatment)) continue;
    pairs.set(treatment, { link, production, treatment, treatmentKw });
  }
  return [...pairs.values()];
}

export const treatmentOff = (links: readonly ProcessLink[], minutes: Series, rules: Rules): Detector => {
  const rule = rules['treatment-off'];
  const { offBelow, clearAbove } = rule;
  const judge = (share: number) => (share < offBelow ? Judgement.yes : share < clearAbove ? Judgement.near : Judgement.no);
  return treatmentDetector('treatment-off', links, minutes, { ...rule, minutes: rule.offMinutes, limit: offBelow, judge });
};

export const treatmentIdle = (links: readonly ProcessLink[], minutes: Series, rules: Rules): Detector => {
  const rule = rules['treatment-idle'];
  const { offBelow, idleBelow, clearAbove } = rule;
  const judge = (share: number) => {
    if (share < offBelow) return Judgement.no; // off is another rule's
    return share < idleBelow ? Judgement.yes : share < clearAbove ? Judgement.near : Judgement.no;
  };
  return treatmentDetector('treatment-idle', links, minutes, { ...rule, minutes: rule.idleMinutes, limit: idleBelow, judge });
};

interface Wanted {
  readonly productionOn: number;
  readonly startMinutes: number;
  readonly closeMinutes: number;
  readonly clearAbove: number;
  /** How long it lasts before it is found, and below which share of rated power. */
  readonly minutes: number;
  readonly limit: number;
  readonly judge: (shareOfRated: number) => Judgement;
}

function treatmentDetector(
  id: 'treatment-off' | 'treatment-idle',
  links: readonly ProcessLink[],
  minutes: Series,
  wanted: Wanted,
): Detector {
  const pairs = pairsOf(links);
  const named = (name: string | undefined) => (name === undefined ? undefined : ({ kind: 'power', id: name } as const));
  const meters = unitSources(
    pairs.map(({ link, production, treatment }) => ({
      main: named(link.mainMeter),
      production: named(production),
      treatment: named(treatment),
    })),
    ['main', 'production', 'treatment'],
  );
  const { main, production, treatment } = meters.of;
  const line: Line = { series: minutes, kind: 'power', metric: kw };

  /** Undefined: cannot tell. */
  function isDue(unit: number, step: number): boolean | undefined {
    const onKw = wanted.productionOn * pairs[unit].link.ratedKw;
    const now = minutes.mean('power', kw, production[unit], step);
    if (now < onKw) return false;
    let known = 0;
    let running = 0;
    for (let each = step - wanted.startMinutes; each <= step; each++) {
      const power = minutes.mean('power', kw, production[unit], each);
      if (power >= onKw) running += 1;
      if (!Number.isNaN(power)) known += 1;
    }
    if (Number.isNaN(now) || known < knownShare * (wanted.startMinutes + 1)) return undefined;
    return running >= known - 1; // one minute may be wrong
  }

  const hangs = (source: number, step: number) =>
    minutes.mean('power', kw, source, step) > stillFromKw && standsStill(line, source, step, stillMeter);

  /** A meter trembles about zero where it hangs there, and then shows less than nothing, which is out of its range. */
  function isOutOfRange(source: number, step: number): boolean {
    for (let each = step; each > step - rangeMinutes; each--)
      if ((minutes.flags('power', kw, source, each) & Flag.range) !== 0) return true;
    return false;
  }

  /** Looked at only where production runs and the treatment seems not to. */
  function isBelieved(unit: number, step: number): boolean {
    if (hangs(production[unit], step) || hangs(treatment[unit], step) || isOutOfRange(treatment[unit], step)) return false;
    const witness = { main: main[unit], production: production[unit], treatment: treatment[unit] };
    return !mainContradicts(minutes, witness, step, wanted.clearAbove * pairs[unit].treatmentKw);
  }

  return {
    rule: id,
    ruleVersion: ruleCatalog[id].version,
    size: '1m',
    // Gaps of a minute or a few must not put it off.
    life: {
      openAfter: wanted.minutes,
      openWithin: wanted.minutes + Math.ceil(wanted.minutes / 3),
      closeAfter: wanted.closeMinutes,
    },
    reach: Math.max(wanted.startMinutes, witnessReach),
    setSources: meters.set,
    units: () => pairs.length,
    unitId: (unit) => `${pairs[unit].link.enterprise}/${pairs[unit].link.process}`,
    unitsOf: meters.unitsOf,
    judge(unit, step) {
      const share = minutes.mean('power', kw, treatment[unit], step) / pairs[unit].treatmentKw;
      if (Number.isNaN(share)) return Judgement.unknown;
      const judgement = wanted.judge(share);
      if (judgement === Judgement.no) return judgement;
      const due = isDue(unit, step);
      if (due === false) return Judgement.no;
      return due === undefined || !isBelieved(unit, step) ? Judgement.unknown : judgement;
    },
    describe(unit, fromStep, toStep) {
      const { link, treatmentKw } = pairs[unit];
      const { enterprise, process, district, lon, lat, ratedKw } = link;
      const of = { ...line, sources: meters.names('power'), fromStep, toStep };
      return {
        severity: 'warning',
        place: { district, lon, lat },
        enterprise,
        process,
        sources: [pairs[unit].production, pairs[unit].treatment],
        evidence: [
          meanEvidence({ ...of, source: production[unit] }, 'productionPower', {
            limit: wanted.productionOn * ratedKw,
            side: 'above',
          }),
          meanEvidence({ ...of, source: treatment[unit] }, 'treatmentPower', {
            limit: wanted.limit * treatmentKw,
            side: 'below',
          }),
        ],
        candidates: [{ id: enterprise, score: 1, reasons: ['ownMeter'] }],
      };
    },
  };
}
