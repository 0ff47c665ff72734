// What a verdict says it rests on: meters and monitors with their values, or why nobody can tell.

import { formatBeijing } from '../../domain/calendar.ts';
import type { Compliance, Order } from '../../schema/order.ts';
import type { Text } from '../../schema/says.ts';
import type { FoldState, Ground } from './complianceFold.ts';
import type { Look } from './processLook.ts';
import { quarterMs, type Unit } from './quarters.ts';
import { onFromKw, type Usual, usualMost } from './usualWork.ts';

type Evidence = Compliance['evidence'][number];

const clock = (ms: number) => formatBeijing(ms).slice(5, 16).replace('T', ' ');
const round = (value: number) => String(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10);
const pct = (share: number) => `${Math.round(100 * share)}`;

/** The process has neither a meter nor a monitor: what it does is assumed. */
export function unmeteredEvidence(): readonly Evidence[] {
  const zh = '无分表，排气筒无在线监测：无法判断，按假定执行计';
  return [{ kind: 'none', source: '', zh, en: 'no sub-meter and no stack monitor: cannot tell, counted as assumed' }];
}

export interface Told {
  readonly order: Order;
  readonly unit: Unit;
  readonly usual: Usual;
  readonly state: FoldState;
  readonly idleTimes: number;
  readonly onShare: number;
  readonly baselineDays: number;
  /** The silence has become a matter of its own. */
  readonly isNoData: boolean;
}

export function evidenceOf(told: Told): readonly Evidence[] {
  const { state } = told;
  if (state.look === undefined) return [];
  if (state.verdict === 'cannot-tell') return [reasonOf(told, state.ground)];
  return measured(told, state.look);
}

function reasonOf({ order, unit, state, isNoData }: Told, ground: Ground): Evidence {
  const { productionMeter, monitor } = unit.watched;
  const source = productionMeter ?? monitor?.id ?? '';
  const kind = productionMeter === undefined ? (monitor?.kind ?? 'none') : 'power';
  const since = clock(state.sinceMs);
  const texts: Partial<Record<Ground, Text>> = {
    silent: isNoData
      ? {
          zh: `自${since}起无数据，已超过规定时限，须现场核查`,
          en: `no data since ${since}, longer than permitted: to be looked at on site`,
        }
      : { zh: `自${since}起离线`, en: `offline since ${since}` },
    invalid: {
      zh: `自${since}起无有效数据（校准、维护或缺数）`,
      en: `no valid values since ${since} (calibration, maintenance, gaps)`,
    },
    hangs: { zh: `自${since}起读数不变，不可信`, en: `repeats itself since ${since}: not believed` },
    tight: {
      zh: `限至${order.toPct}%，与平时日间波动相当：分表无法判断是否执行`,
      en: `limited to ${order.toPct} %: usual days differ by as much, meters cannot tell`,
    },
    'no-usual': {
      zh: '指令前没有足够的正常生产数据，无法与平时比较',
      en: 'too little usual work was seen before the order to compare with',
    },
  };
  return { kind, source, ...(texts[ground] ?? { zh: '无法判断', en: 'cannot tell' }) };
}

function measured(told: Told, look: Look): readonly Evidence[] {
  const { unit, usual, state } = told;
  const { watched } = unit;
  const { of } = look;
  const from = state.quarter * quarterMs;
  const when = `${clock(from)}—${clock(from + quarterMs).slice(6)}`;
  const lines: Evidence[] = [];
  if (!Number.isNaN(of.kw)) {
    const own = usualMost(usual, state.quarter);
    const usualKw = usual.idleKw + own * (watched.ratedKw - usual.idleKw);
    const zhUsual = Number.isNaN(own) ? '' : `，平时此时段运行${round(usualKw)} kW（前${usual.days}个正常日中位数）`;
    const enUsual = Number.isNaN(own) ? '' : `, usually ${round(usualKw)} kW at this hour (median of ${usual.days} normal days)`;
    const limit = limitText(told, own);
    const onKw = round(onFromKw(unit, usual.idleKw, told));
    lines.push({
      kind: 'power',
      source: watched.productionMeter ?? '',
      zh: `${when}生产用电${round(of.kw)} kW，额定${round(watched.ratedKw)} kW，高于${onKw} kW为运行${zhUsual}${limit.zh}`,
      en: `${when}: production ${round(of.kw)} kW of ${round(watched.ratedKw)} kW rated, on above ${onKw} kW${enUsual}${limit.en}`,
    });
  }
  if (!Number.isNaN(of.flowM3S) && watched.monitor !== undefined) {
    const gases = of.gases.filter((gas) => !Number.isNaN(gas)).map(round);
    const o2 = Number.isNaN(of.o2Pct) ? '' : `, O2 ${round(of.o2Pct)} %`;
    const flow = `${round(of.flowM3S)} m³/s`;
    const isAgainst = look.by === 'stack' && look.runs === true && !Number.isNaN(of.kw);
    lines.push({
      kind: watched.monitor.kind,
      source: watched.monitor.id,
      zh: `${when}烟气${flow}，污染物${gases.join('、')} mg/m³${o2}${isAgainst ? '：电表显示停产，但排气筒在排放' : ''}`,
      en: `${when}: stack ${flow}, pollutants ${gases.join(', ')} mg/m³${o2}${isAgainst ? ': the meter says off, the stack does not' : ''}`,
    });
  }
  if (look.by === 'main')
    lines.push({
      kind: 'power',
      source: watched.mainMeter ?? '',
      zh: `${when}总表减分表${round(of.restKw)} kW，平时最多${round(usual.restMostKw)} kW：生产用电绕过分表`,
      en: `${when}: main less sub-meters ${round(of.restKw)} kW, at most ${round(usual.restMostKw)} kW on usual days: power bypasses the meter`,
    });
  if (state.ground === 'treatment' || look.by === 'treatment' || isTreatmentOff(unit, look))
    lines.push({
      kind: 'power',
      source: watched.treatmentMeter ?? '',
      zh: `${when}治污设施用电${round(of.treatmentKw)} kW，平时生产时${round(usual.treatmentKw)} kW`,
      en: `${when}: treatment ${round(of.treatmentKw)} kW, usually ${round(usual.treatmentKw)} kW at work`,
    });
  return lines;
}

function limitText({ order, unit, usual }: Told, own: number): Text {
  if (order.action !== 'limit' || order.toPct === undefined || Number.isNaN(own)) return { zh: '', en: '' };
  const allowed = usual.idleKw + (order.toPct / 100) * own * (unit.watched.ratedKw - usual.idleKw);
  const share = pct(order.toPct / 100);
  return { zh: `，限至${share}%即${round(allowed)} kW`, en: `, ${share} % of it is ${round(allowed)} kW` };
}

function isTreatmentOff({ watched }: Unit, { of, runs }: Look): boolean {
  return runs === true && watched.treatmentKw !== undefined && of.treatmentKw < 0.05 * watched.treatmentKw;
}
