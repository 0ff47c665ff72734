// The cut of emissions that orders brought: by pollutant, as evidence shows it and as it is assumed, against planned and required.

import type { Order, ProcessActivity } from '../../schema/order.ts';
import type { Emission, Enterprise, EnterpriseProcess } from '../../schema/register.ts';
import { type CheckSettings, checkSettings, type Pollutant, pollutants } from './checkSettings.ts';
import { type PlanCheck, usualKg } from './planCheck.ts';
import { processKey } from './watched.ts';

export interface CutOptions {
  readonly enterprises: readonly Pick<Enterprise, 'id' | 'processes'>[];
  /** Newest revisions. */
  readonly orders: readonly Order[];
  /** Hours of measured processes (`complianceStage`); of two for the same order and hour the later one counts. */
  readonly activity: readonly ProcessActivity[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the level in force: what the city gives off, what is required, what sectors add. Absent: nothing is said of them. */
  readonly check?: Pick<PlanCheck, 'requiredPct' | 'city'>;
  readonly settings?: CheckSettings;
}

/** kg over the time asked for. */
export interface Cut {
  /** By all orders if everyone obeys, by usual work. */
  readonly plannedKg: Emission;
  /** Of that: by processes and hours that are measured, and by the others. */
  readonly plannedMeasuredKg: Emission;
  readonly plannedUnmeasuredKg: Emission;
  /** Measured: what usual work would have given off, less what was given off. Below zero where more was. */
  readonly evidenceKg: Emission;
  /** Nothing measures these: as if everyone obeyed; and as if as well as those who are measured. Neither is evidence. */
  readonly assumedKg: Emission;
  readonly assumedAsMeasuredKg: Emission;
  /** Evidence and assumed (as well as those who are measured). */
  readonly achievedKg: Emission;
  /** Of what is achieved, 0 to 1; NaN: nothing is. */
  readonly evidenceShare: Emission;
  /** Hours of orders: measured, and all. */
  readonly measuredHours: number;
  readonly orderHours: number;
  /** Of the whole city: what the level requires, and what its measures for transport and sectors bring if they are obeyed. */
  readonly requiredKg?: Emission;
  readonly sectorsAssumedKg?: Emission;
  /** Of whole-society emissions: enterprises' orders alone, and with the sectors. */
  readonly achievedPct?: Emission;
  readonly achievedWithSectorsPct?: Emission;
}

type Sum = Record<Pollutant, number>;
const zero = (): Sum => ({ so2: 0, nox: 0, pm: 0, voc: 0 });
const each = (value: (pollutant: Pollutant) => number): Emission => ({
  so2: value('so2'),
  nox: value('nox'),
  pm: value('pm'),
  voc: value('voc'),
});
function add(sum: Sum, kg: Emission, times: number): void {
  for (const pollutant of pollutants) sum[pollutant] += kg[pollutant] * times;
}

const hourMs = 3_600_000;
const dayHours = 24;

/**
 * Emission goes with load [P]; a process without its treatment gives off what that would have removed.
 * Example: 10 kg/h at full load, usually at 0.8; measured at 0.4 for an hour: 10 (0.8 - 0.4) = 4 kg are evidence of a cut.
 */
export function cutOf({ enterprises, orders, activity, fromMs, toMs, check, settings = checkSettings }: CutOptions): Cut {
  const processes = new Map(
    enterprises.flatMap(({ id, processes: own }) => own.map((process) => [processKey(id, process.id), process] as const)),
  );
  const hoursOf = activityByOrder(activity, fromMs, toMs);
  const [plannedMeasured, plannedUnmeasured, evidence] = [zero(), zero(), zero()];
  let [measuredHours, orderHours] = [0, 0];
  for (const order of orders) {
    const process = order.process === undefined ? undefined : processes.get(processKey(order.enterprise, order.process));
    if (process?.emits !== true || order.action === 'transport' || order.exemptBy !== undefined) continue;
    const hours = Math.max(0, Math.min(toMs, order.liftedMs ?? toMs) - Math.max(fromMs, order.effectiveMs)) / hourMs;
    if (hours === 0) continue;
    const asked = order.action === 'stop' ? 1 : 1 - (order.toPct ?? 100) / 100;
    let known = 0;
    for (const hour of hoursOf.get(order.id)?.values() ?? []) {
      const knownHours = hour.knownMs / hourMs;
      known += knownHours;
      add(plannedMeasured, process.emission, knownHours * hour.usualLoad * asked);
      add(evidence, evidenceKg(process, hour), knownHours);
    }
    measuredHours += known;
    orderHours += hours;
    add(plannedUnmeasured, usualKg(process, settings), (Math.max(0, hours - known) / dayHours) * asked);
  }
  const like = each((pollutant) => {
    const planned = plannedMeasured[pollutant];
    // Nobody is measured who gives it off: as all pollutants together would be a guess about other processes.
    const share = planned > 0 ? Math.min(1, Math.max(0, evidence[pollutant] / planned)) : 1;
    return plannedUnmeasured[pollutant] * share;
  });
  const achieved = each((pollutant) => evidence[pollutant] + like[pollutant]);
  return {
    plannedKg: each((pollutant) => plannedMeasured[pollutant] + plannedUnmeasured[pollutant]),
    plannedMeasuredKg: plannedMeasured,
    plannedUnmeasuredKg: plannedUnmeasured,
    evidenceKg: evidence,
    assumedKg: plannedUnmeasured,
    assumedAsMeasuredKg: like,
    achievedKg: achieved,
    evidenceShare: each((pollutant) =>
      achieved[pollutant] > 0 ? Math.max(0, evidence[pollutant]) / achieved[pollutant] : Number.NaN,
    ),
    measuredHours,
    orderHours,
    ...(check === undefined ? {} : wholeSociety(check, achieved, (toMs - fromMs) / hourMs / dayHours)),
  };
}

/** Newest by order and hour. */
function activityByOrder(activity: readonly ProcessActivity[], fromMs: number, toMs: number) {
  const found = new Map<string, Map<number, ProcessActivity>>();
  for (const hour of activity) {
    if (hour.startMs < fromMs || hour.startMs >= toMs) continue;
    const known = found.get(hour.order) ?? new Map<number, ProcessActivity>();
    known.set(hour.startMs, hour);
    found.set(hour.order, known);
  }
  return found;
}

/** An hour's cut, kg. */
function evidenceKg({ emission, treatment }: EnterpriseProcess, { load, usualLoad, untreated }: ProcessActivity): Emission {
  return each((pollutant) => {
    const removed = Math.min(0.999, treatment?.removes[pollutant] ?? 0);
    const times = 1 - untreated + untreated / (1 - removed);
    return emission[pollutant] * (usualLoad - load * times);
  });
}

function wholeSociety({ city, requiredPct }: NonNullable<CutOptions['check']>, achieved: Emission, days: number) {
  const sectors = zero();
  for (const { id, cutKg } of city.parts) if (id !== 'stop' && id !== 'limit') add(sectors, cutKg, days);
  const pct = (kg: Emission) =>
    each((pollutant) => (city.baseKg[pollutant] > 0 ? (100 * kg[pollutant]) / (city.baseKg[pollutant] * days) : Number.NaN));
  return {
    requiredKg: each((pollutant) => (city.baseKg[pollutant] * days * requiredPct[pollutant]) / 100),
    sectorsAssumedKg: sectors,
    achievedPct: pct(achieved),
    achievedWithSectorsPct: pct(each((pollutant) => achieved[pollutant] + sectors[pollutant])),
  };
}
