// Was a process at work in a quarter of an hour, and how hard? Its meter says so, unless its stack, main or treatment meter knows better.

import type { ComplianceOptions } from './complianceOptions.ts';
import type { Quarter, Unit } from './quarters.ts';
import { flowLoad, loadOfKw, onFromKw, type Usual, usualLoad } from './usualWork.ts';

/** Whose word counts. `main` and `treatment` contradict a production meter that says off; they have to do so for a while. */
export type Witness = 'meter' | 'stack' | 'main' | 'treatment';

export interface Look {
  /** Undefined: not known. */
  readonly runs: boolean | undefined;
  readonly by: Witness;
  /** How long it was on. */
  readonly onMs: number;
  /** Share of full load; 0 while it stands, NaN: not known. */
  readonly load: number;
  /** It runs, and its treatment does not: by the treatment's meter, or by what the stack gives off. */
  readonly isUntreated: boolean;
  /** Its own meter's word, where others contradict it. */
  readonly meterRuns: boolean | undefined;
  readonly isSilent: boolean;
  readonly of: Quarter;
}

const fiveMs = 300_000;
/** A meter's own noise is some percent of what it shows: from here on it shows in the last digits (as the rule meter-fault). */
const hangs = { fromKw: 5, spreadKw: 0.021 } as const;

/** `recent`: the quarters before it, as long as a meter has to repeat itself, without this one. */
export function lookAt(
  unit: Unit,
  usual: Usual,
  quarter: number,
  of: Quarter,
  recent: readonly Quarter[],
  o: ComplianceOptions,
): Look {
  const look = loadAt(unit, usual, quarter, of, recent, o);
  return { ...look, isUntreated: look.runs === true && worksUntreated(unit, usual, of, o) };
}

/** Of what a monitored stack usually shows: so many times means that nothing is removed. */
const untreatedTimes = 3;

function worksUntreated({ watched }: Unit, usual: Usual, { treatmentKw, gases }: Quarter, o: ComplianceOptions): boolean {
  if (treatmentKw < o.treatmentOffShare * (watched.treatmentKw ?? Number.NaN)) return true;
  const { limits, monitor } = watched;
  const ofLimits = monitor?.kind === 'voc' ? [limits.nmhc] : [limits.so2, limits.nox, limits.pm];
  return gases.some((gas, g) => {
    const own = usual.gases[g];
    return own > 0.1 * (ofLimits[g] ?? own) && gas > untreatedTimes * own;
  });
}

function loadAt(
  unit: Unit,
  usual: Usual,
  quarter: number,
  of: Quarter,
  recent: readonly Quarter[],
  o: ComplianceOptions,
): Omit<Look, 'isUntreated'> {
  const standsStill = meterHangs([...recent, of]);
  const meter = standsStill ? undefined : meterSays(unit, usual, of, o);
  const stack = stackSays(unit, usual, of, o);
  const base = { of, isSilent: of.isSilent, meterRuns: meter?.runs };
  if (meter?.runs === true) return { ...base, ...meter, by: 'meter' };
  if (stack?.runs === true) return { ...base, ...stack, by: 'stack' };
  const hidden = hiddenLoad(unit, usual, of, o);
  if (hidden !== undefined && meter !== undefined) return { ...base, runs: true, by: 'main', onMs: 3 * fiveMs, load: hidden };
  if (meter !== undefined && treatmentWorks(usual, of, o))
    return { ...base, runs: true, by: 'treatment', onMs: 3 * fiveMs, load: usualLoad(usual, quarter) };
  if (meter !== undefined) return { ...base, ...meter, by: 'meter' };
  if (stack !== undefined) return { ...base, ...stack, by: 'stack' };
  return { ...base, runs: undefined, by: 'meter', onMs: 0, load: Number.NaN };
}

type Said = Pick<Look, 'onMs' | 'load'> & { readonly runs: boolean };

function meterSays(unit: Unit, usual: Usual, { kw, fivesKw }: Quarter, o: ComplianceOptions): Said | undefined {
  if (Number.isNaN(kw)) return undefined;
  const onKw = onFromKw(unit, usual.idleKw, o);
  const onMs = fivesKw.filter((each) => each > onKw).length * fiveMs;
  const runs = kw > onKw || onMs === 3 * fiveMs;
  return { runs, onMs: runs ? Math.max(onMs, fiveMs) : onMs, load: runs ? loadOfKw(kw, usual.idleKw, unit.watched.ratedKw) : 0 };
}

/** A stack at work has the fan's flow, and gas or a fire's heat in it: aired halls have neither. */
function stackSays({ watched }: Unit, usual: Usual, { flowM3S, gases, o2Pct }: Quarter, o: ComplianceOptions): Said | undefined {
  const share = flowM3S / (watched.flowM3S ?? Number.NaN);
  if (Number.isNaN(share)) return undefined;
  if (share <= o.stackFlow) return { runs: false, onMs: 0, load: 0 };
  if (gases.every((gas) => Number.isNaN(gas))) return undefined; // calibration, maintenance
  const { limits, monitor } = watched;
  const ofLimits = monitor?.kind === 'voc' ? [limits.nmhc] : [limits.so2, limits.nox, limits.pm];
  const hasGas = gases.some((gas, g) => {
    const [own, limit] = [usual.gases[g], ofLimits[g]];
    // A pollutant that is hardly there at work tells nothing.
    if (!Number.isNaN(own)) return own > 0.1 * (limit ?? own) && gas > o.gasOfUsual * own;
    return limit !== undefined && gas > o.gasOfLimit * limit;
  });
  const runs = hasGas || o2Pct < o.heatO2Pct;
  return { runs, onMs: runs ? 3 * fiveMs : 0, load: runs ? flowLoad(flowM3S, watched.flowM3S) : 0 };
}

/** Load by what the main meter carries above the most of usual days; undefined: nothing, or not known. */
function hiddenLoad({ watched }: Unit, usual: Usual, { kw, restKw }: Quarter, o: ComplianceOptions): number | undefined {
  const hiddenKw = restKw - usual.restMostKw;
  if (!(hiddenKw > o.restAbove * Math.max(watched.ratedKw, usual.restMostKw))) return undefined;
  return loadOfKw(hiddenKw + kw, usual.idleKw, watched.ratedKw);
}

function treatmentWorks(usual: Usual, { treatmentKw }: Quarter, o: ComplianceOptions): boolean {
  return treatmentKw > o.treatmentRuns * usual.treatmentKw;
}

/** A meter that repeats itself over all of these. */
function meterHangs(quarters: readonly Quarter[]): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { kw, lowKw, highKw } of quarters) {
    if (!(kw > hangs.fromKw)) return false;
    low = Math.min(low, lowKw);
    high = Math.max(high, highKw);
  }
  return high - low <= hangs.spreadKw;
}
