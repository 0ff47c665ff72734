// What a plant or a site did at some time, as far as its own meters and monitors show: is it at work, and is anything wrong with it?

import { metricIndex } from '../../schema/catalog.ts';
import type { ProcessLink } from './links.ts';
import type { Series } from './series.ts';
import type { SourceIndex } from './sourceIndex.ts';

export interface Activity {
  /** 0 to 1: how likely it is that it gives off much more than usual, as seen from its own meters and monitors alone. */
  readonly score: number;
  readonly says: 'treatmentOff' | 'treatmentIdle' | 'flowDrop' | 'aboveLimit' | 'runs' | 'stands' | 'unwatched';
}

/** Weights of our own: what is wrong counts fifty times what is only at work [ours]. */
const weights = {
  treatmentOff: 1,
  treatmentIdle: 0.8,
  flowDrop: 0.9,
  aboveLimit: 0.9,
  runs: 0.02,
  stands: 0.001,
  unwatched: 0.01,
} as const;

const kw = metricIndex('power', 'kw');
const [cemsFlow, vocFlow, nmhc] = [metricIndex('cems', 'flowM3S'), metricIndex('voc', 'flowM3S'), metricIndex('voc', 'nmhc')];
const converted = (['so2', 'nox', 'pm'] as const).map((name) => ({ name, metric: metricIndex('cems', `${name}Conv`) }));
/** As in the rules of the meters and stacks (domain report 2.7) [P]. */
const onFrom = 0.1;
const offBelow = 0.05;
const idleBelow = 0.3;
/** Of the flow at full load: less is a stack that stands; up to the other the fan is off [ours]. */
const standsBelow = 0.02;
const fanOffBelow = 0.25;
/** A step may be missing: the mean of so many. */
const steps = 3;
export const activityReach = steps - 1;

export const activityOf = (says: Activity['says']): Activity => ({ score: weights[says], says });
export const unwatched = activityOf('unwatched');

export interface PlantSources {
  readonly power: SourceIndex;
  readonly cems: SourceIndex;
  readonly voc: SourceIndex;
}

/** Of one process around a step of the series. */
export function activityAt(link: ProcessLink, series: Series, sources: PlantSources, step: number): Activity {
  const at = { series, sources, step };
  const production = meanOf(at, 'power', kw, link.productionMeter) / link.ratedKw;
  const flow =
    (link.cems === undefined ? meanOf(at, 'voc', vocFlow, link.voc) : meanOf(at, 'cems', cemsFlow, link.cems)) /
    (link.flowM3S ?? Number.NaN);
  const treatment = meanOf(at, 'power', kw, link.treatmentMeter) / (link.treatmentKw ?? Number.NaN);
  if (production < onFrom || (Number.isNaN(production) && flow < standsBelow)) return activityOf('stands');
  if (production >= onFrom && treatment < idleBelow) return activityOf(treatment < offBelow ? 'treatmentOff' : 'treatmentIdle');
  if (flow >= standsBelow && flow < fanOffBelow) return activityOf('flowDrop');
  if (isAboveLimit(link, at)) return activityOf('aboveLimit');
  return Number.isNaN(production) && Number.isNaN(flow) ? unwatched : activityOf('runs');
}

interface At {
  readonly series: Series;
  readonly sources: PlantSources;
  readonly step: number;
}

/** Asked for all plants around a station: no closures here. */
function meanOf({ series, sources, step }: At, kind: keyof PlantSources, metric: number, id: string | undefined): number {
  if (id === undefined) return Number.NaN;
  let sum = 0;
  let known = 0;
  const source = sources[kind].index(id);
  for (let each = step - steps + 1; each <= step; each++) {
    const value = series.mean(kind, metric, source, each);
    if (Number.isNaN(value)) continue;
    sum += value;
    known += 1;
  }
  return sum / known;
}

function isAboveLimit({ limits, cems, voc }: ProcessLink, at: At): boolean {
  for (const { name, metric } of converted)
    if (meanOf(at, 'cems', metric, cems) > (limits[name] ?? Number.POSITIVE_INFINITY)) return true;
  return meanOf(at, 'voc', nmhc, voc) > (limits.nmhc ?? Number.POSITIVE_INFINITY);
}
