// The documented rules' own minimum on noise-free data: from when on a channel can show what happens. Knows no detector.

import type { Register } from '../../../engine/schema/register.ts';
import type { CityState } from '../cityState.ts';
import { processesOf } from '../processes.ts';
import { converted } from '../sensors/cems.ts';
import { concentration, gasInto, type StackGas, type StackUnit, stacksOf } from '../sensors/stack.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** Domain report 2.7 [P]: treatment on by production start + 10 min; off = under 5 % for 5 min; idling = under 30 % for 15 min. */
export const powerRule = {
  productionOn: 0.1,
  startGraceMs: 10 * minuteMs,
  offBelow: 0.05,
  offMs: 5 * minuteMs,
  idleBelow: 0.3,
  idleMs: 15 * minuteMs,
  /** main − sum above 20 % for an hour: the production meter is bypassed. */
  bypassMs: hourMs,
} as const;
/** An hour counts with 45 minutes (domain report 4.4) [C]; a flow under half of what the load implies for 15 min is ours [P]. */
export const stackRule = { validMs: 45 * minuteMs, flowBelow: 0.5, flowMs: 15 * minuteMs } as const;
/** DB13/2934-2019: site − county, county at most 150, limit 80 µg/m³ (domain report 4.2) [S]. */
export const dustRule = { countyMax: 150, limit: 80 } as const;

/** The first moment at which a rule was met, again after every break. */
export interface Shown {
  readonly channel: 'power' | 'cems' | 'voc' | 'dust';
  /** treatment_off, treatment_idle, bypass, exceedance_pm …, flow_drop, dust_exceedance. */
  readonly rule: string;
  /** Index of the process, or of the dust site. */
  readonly index: number;
  /** Source that shows it. */
  readonly source: string;
  readonly atMs: number;
}

export interface Rules {
  step(state: CityState): void;
  readonly shown: readonly Shown[];
}

export function makeRules(register: Register): Rules {
  const shown: Shown[] = [];
  const power = powerRules(register, shown);
  const cems = stackRules(register, 'cems', shown);
  const voc = stackRules(register, 'voc', shown);
  const dust = dustRules(register, shown);
  return {
    shown,
    step(state) {
      power(state);
      cems(state);
      voc(state);
      dust(state);
    },
  };
}

/** Counts how long a claim holds; calls once when it has held for so long. */
function holding(counts: Float64Array, i: number, isTrue: boolean, stepMs: number, forMs: number): boolean {
  if (!isTrue) {
    counts[i] = 0;
    return false;
  }
  const before = counts[i];
  counts[i] += stepMs;
  return before < forMs && counts[i] >= forMs;
}

function powerRules(register: Register, shown: Shown[]): (state: CityState) => void {
  const metered = processesOf(register).flatMap(({ process }, index) =>
    process.productionMeter !== undefined && process.treatmentMeter !== undefined
      ? [{ index, production: process.productionMeter, treatment: process.treatmentMeter }]
      : [],
  );
  const column = () => new Float64Array(metered.length);
  const [running, off, idle, bypassed] = [column(), column(), column(), column()];
  return ({ eventMs, stepMs, processes: { load, treatment, bypass } }) => {
    const atMs = eventMs + stepMs;
    for (let i = 0; i < metered.length; i++) {
      const { index, production, treatment: source } = metered[i];
      const isOn = load[index] >= powerRule.productionOn && bypass[index] === 0;
      running[i] = isOn ? running[i] + stepMs : 0;
      const isDue = isOn && running[i] >= powerRule.startGraceMs;
      const share = treatment[index];
      if (holding(off, i, isDue && share < powerRule.offBelow, stepMs, powerRule.offMs))
        shown.push({ channel: 'power', rule: 'treatment_off', index, source, atMs });
      const isIdle = isDue && share >= powerRule.offBelow && share < powerRule.idleBelow;
      if (holding(idle, i, isIdle, stepMs, powerRule.idleMs))
        shown.push({ channel: 'power', rule: 'treatment_idle', index, source, atMs });
      const isBypassed = bypass[index] === 1 && load[index] >= powerRule.productionOn;
      if (holding(bypassed, i, isBypassed, stepMs, powerRule.bypassMs))
        shown.push({ channel: 'power', rule: 'bypass', index, source: production, atMs });
    }
  };
}

const pollutants = { cems: ['so2', 'nox', 'pm'], voc: ['nmhc'] } as const;

function stackRules(register: Register, kind: 'cems' | 'voc', shown: Shown[]): (state: CityState) => void {
  const names = pollutants[kind];
  const sources = register.sources.filter((source) => source.kind === kind);
  const units = stacksOf(register, kind);
  const sums = new Float64Array(units.length * names.length);
  const valid = new Float64Array(units.length);
  const lowFlow = new Float64Array(units.length);
  const gas: StackGas = { load: 0, capture: 0, isStopped: true, flowM3S: 0, exhaust: 0 };
  let hour = Number.NaN;
  const sourceId = (unit: StackUnit) => sources[unit.source].id;

  function closeHour(): void {
    units.forEach((unit, i) => {
      const limits = unit.enterprise.permit?.limits ?? {};
      names.forEach((name, p) => {
        const limit = limits[name];
        const mean = sums[i * names.length + p] / valid[i];
        if (limit === undefined || valid[i] < stackRule.validMs || mean <= limit) return;
        for (const index of unit.processes)
          shown.push({ channel: kind, rule: `exceedance_${name}`, index, source: sourceId(unit), atMs: (hour + 1) * hourMs });
      });
    });
    sums.fill(0);
    valid.fill(0);
  }

  return (state) => {
    const { eventMs, stepMs, processes } = state;
    const now = Math.floor(eventMs / hourMs);
    if (now !== hour) {
      if (!Number.isNaN(hour)) closeHour();
      hour = now;
    }
    const { so2Gps, noxGps, pmGps, vocGps } = processes;
    const columns = { so2: so2Gps, nox: noxGps, pm: pmGps, nmhc: vocGps };
    for (let i = 0; i < units.length; i++) {
      const unit = units[i];
      gasInto(unit, processes, gas);
      if (gas.isStopped) {
        lowFlow[i] = 0;
        continue;
      }
      valid[i] += stepMs;
      // O2 a little above the permit's reference, as in practice [D].
      const o2 = (unit.stack.o2RefPct ?? 20) + 1.1;
      for (let p = 0; p < names.length; p++) {
        const measured = concentration(columns[names[p]], unit.processes, gas.flowM3S);
        sums[i * names.length + p] += converted(measured, o2, unit.stack.o2RefPct) * stepMs;
      }
      // Without its fan the flow is this share of what the load implies.
      const isLow = gas.capture < stackRule.flowBelow;
      if (holding(lowFlow, i, isLow, stepMs, stackRule.flowMs))
        for (const index of unit.processes)
          shown.push({ channel: kind, rule: 'flow_drop', index, source: sourceId(unit), atMs: eventMs + stepMs });
    }
  };
}

function dustRules(register: Register, shown: Shown[]): (state: CityState) => void {
  const sites = register.sources.filter(({ kind }) => kind === 'dust');
  const stations = register.sources.filter(({ kind }) => kind === 'air');
  const codes = register.districts.map(({ code }) => code);
  const districtOf = (list: typeof sites) => Int32Array.from(list, ({ district }) => codes.indexOf(district));
  const [siteDistrict, stationDistrict] = [districtOf(sites), districtOf(stations)];
  const site = new Float64Array(sites.length);
  const county = new Float64Array(codes.length);
  const share = new Float64Array(codes.length);
  for (const district of stationDistrict) if (district >= 0) share[district] += 1;
  let steps = 0;
  let hour = Number.NaN;
  return ({ eventMs, sites: { pm10 }, air }) => {
    const now = Math.floor(eventMs / hourMs);
    if (now !== hour && steps > 0) {
      sites.forEach(({ id }, index) => {
        const district = siteDistrict[index];
        if (district < 0 || share[district] === 0) return;
        const base = Math.min(dustRule.countyMax, county[district] / share[district] / steps);
        if (site[index] / steps - base <= dustRule.limit) return;
        shown.push({ channel: 'dust', rule: 'dust_exceedance', index, source: id, atMs: (hour + 1) * hourMs });
      });
      site.fill(0);
      county.fill(0);
      steps = 0;
    }
    hour = now;
    steps += 1;
    for (let i = 0; i < sites.length; i++) site[i] += pm10[i];
    for (let i = 0; i < stations.length; i++) if (stationDistrict[i] >= 0) county[stationDistrict[i]] += air.pm10[i];
  };
}
