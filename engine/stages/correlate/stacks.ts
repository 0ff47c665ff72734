// Monitored stacks and what their processes' meters say: the ground that all rules about stacks stand on.

import { metricIndex } from '../../schema/catalog.ts';
import type { Description } from './detector.ts';
import { meanEvidence, type Stretch } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import { type Line, standsStill, valueAsOf } from './lookBack.ts';
import type { Series } from './series.ts';
import { type UnitSources, unitSources } from './unitSources.ts';

/** A pollutant with a limit in the permit, as its monitor shows it. */
export interface Limited {
  readonly name: string;
  /** Position of what is compared with the limit: O2-converted where there is such a value. */
  readonly metric: number;
  /** Position of what the instrument measures itself. */
  readonly measured: number;
  /** mg/m³. */
  readonly limit: number;
}

/** A process with a monitor on its stack: a CEMS or a VOC monitor. */
export interface StackUnit {
  readonly link: ProcessLink;
  readonly kind: 'cems' | 'voc';
  /** Of the monitor. */
  readonly id: string;
  readonly unitId: string;
  readonly limited: readonly Limited[];
  /** Position of the flow. */
  readonly flow: number;
  /** At full load; NaN: not registered. */
  readonly fullM3S: number;
}

export interface Stacks {
  readonly units: readonly StackUnit[];
  readonly sources: UnitSources<'monitor' | 'production' | 'treatment'>;
  /** Of the registered flow at full load; NaN: unknown. */
  flowShare(unit: number, step: number): number;
  /**
   * Production meter's share of rated power as of a step, at most three minutes old; NaN: no meter, silent, or standing still,
   * which a working meter under load does not.
   */
  productionShare(unit: number, step: number): number;
  /** The treatment meter's, in the same way. */
  treatmentShare(unit: number, step: number): number;
  describe(unit: number, severity: Description['severity']): Omit<Description, 'evidence'>;
  stretch(unit: number, metric: number, fromStep: number, toStep: number): Stretch;
  meterStretch(unit: number, role: 'production' | 'treatment', fromStep: number, toStep: number): Stretch;
}

/**
 * Flow with the fan on, as a share of that at full load: this much without load, growing evenly with it [ours, as our simulated
 * city has it: a fan at constant speed draws false air at part load].
 */
export const flowAtIdle = 0.35;
/** A stack that draws less stands: its own draught [ours]. */
export const standingBelow = 0.05;
/** P = rated * (0.06 + 0.94 load) [ours]: what a line draws without load. */
const standby = 0.06;

/** Minutes that a meter's value holds. */
const asOfMinutes = 3;
/** So many minutes on a meter's window still matters. */
export const meterReach = 62;
/**
 * A meter's own noise is about 1 % of its reading (SIMULATION.md section 5): from 5 kW on it shows within minutes. An hour, so that
 * a steady load on a coarse meter is not taken for a hanging one so easily.
 */
export const stillMeter = { steps: 60, least: 48, spread: 0.021 } as const;
export const stillFromKw = 5;

export const loadOf = (powerShare: number) => Math.min(1, Math.max(0, (powerShare - standby) / (1 - standby)));
/** What a load implies, of the flow at full load. Example: half load, 0.35 + 0.65 * 0.5 = 0.675. */
export const impliedFlow = (load: number) => flowAtIdle + (1 - flowAtIdle) * load;

const cemsLimits = [
  ['so2', 'so2Conv'],
  ['nox', 'noxConv'],
  ['pm', 'pmConv'],
] as const;

/** One a monitored stack, in the order of the links. */
export function stackUnits(links: readonly ProcessLink[], kinds: readonly ('cems' | 'voc')[]): readonly StackUnit[] {
  return links.flatMap((link) =>
    kinds.flatMap((kind): readonly StackUnit[] => {
      const id = link[kind];
      if (id === undefined) return [];
      const names = kind === 'cems' ? cemsLimits : ([['nmhc', 'nmhc']] as const);
      const limited = names.flatMap(([name, compared]) => {
        const limit = link.limits[name];
        return limit === undefined
          ? []
          : [{ name, metric: metricIndex(kind, compared), measured: metricIndex(kind, name), limit }];
      });
      return [{ link, kind, id, unitId: id, limited, flow: metricIndex(kind, 'flowM3S'), fullM3S: link.flowM3S ?? Number.NaN }];
    }),
  );
}

/** One a pollutant: so that what is missing of one can neither close another's finding nor keep it open. */
export function pollutantUnits(links: readonly ProcessLink[], kinds: readonly ('cems' | 'voc')[]): readonly StackUnit[] {
  return stackUnits(links, kinds).flatMap((unit) =>
    unit.limited.map((each) => ({ ...unit, unitId: `${unit.id}/${each.name}`, limited: [each] })),
  );
}

export function stacks(units: readonly StackUnit[], minutes: Series): Stacks {
  const meter = (id: string | undefined) => (id === undefined ? undefined : ({ kind: 'power', id } as const));
  const sources = unitSources(
    units.map(({ kind, id, link }) => ({
      monitor: { kind, id },
      production: meter(link.productionMeter),
      treatment: meter(link.treatmentMeter),
    })),
    ['monitor', 'production', 'treatment'],
  );
  const { monitor, production, treatment } = sources.of;
  const power: Line = { series: minutes, kind: 'power', metric: 0 };

  function share(source: number, ratedKw: number | undefined, step: number): number {
    if (source < 0 || ratedKw === undefined) return Number.NaN;
    const kw = valueAsOf(power, source, step, asOfMinutes);
    return kw > stillFromKw && standsStill(power, source, step, stillMeter) ? Number.NaN : kw / ratedKw;
  }

  return {
    units,
    sources,
    flowShare: (unit, step) => minutes.mean(units[unit].kind, units[unit].flow, monitor[unit], step) / units[unit].fullM3S,
    productionShare: (unit, step) => share(production[unit], units[unit].link.ratedKw, step),
    treatmentShare: (unit, step) => share(treatment[unit], units[unit].link.treatmentKw, step),
    describe(unit, severity) {
      const { link, id } = units[unit];
      const { enterprise, process, district, lon, lat } = link;
      return {
        severity,
        place: { district, lon, lat },
        enterprise,
        process,
        sources: [id],
        candidates: [{ id: enterprise, score: 1, reasons: ['ownMonitor'] }],
      };
    },
    stretch(unit, metric, fromStep, toStep) {
      const { kind } = units[unit];
      return { series: minutes, kind, metric, source: monitor[unit], sources: sources.names(kind), fromStep, toStep };
    },
    meterStretch(unit, role, fromStep, toStep) {
      const source = sources.of[role][unit];
      return { ...power, source, sources: sources.names('power'), fromStep, toStep };
    },
  };
}

/** What the meters showed meanwhile, where there are any. */
export function meterEvidence(of: Stacks, unit: number, fromStep: number, toStep: number) {
  const { production, treatment } = of.sources.of;
  return [
    ...(production[unit] < 0 ? [] : [meanEvidence(of.meterStretch(unit, 'production', fromStep, toStep), 'productionPower')]),
    ...(treatment[unit] < 0 ? [] : [meanEvidence(of.meterStretch(unit, 'treatment', fromStep, toStep), 'treatmentPower')]),
  ];
}
