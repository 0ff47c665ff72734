// The city's forecast: twice a day for today and seven days more, from the weather to come and a box model, with growing error.

import { type Concentration, dailyAqi, editionAt } from '../../../engine/domain/aqi.ts';
import { beijingOffsetMs, dayStart } from '../../../engine/domain/calendar.ts';
import { pow } from '../../../engine/domain/pow.ts';
import { catalog } from '../../../engine/schema/catalog.ts';
import type { Register } from '../../../engine/schema/register.ts';
import type { CityState, Weather } from '../cityState.ts';
import type { Columns } from '../columns.ts';
import type { Episode } from '../episode.ts';
import { normal, streamOf } from '../random.ts';
import { hourOf, summerShare } from '../weather.ts';
import { clip, dayMs, hourMs, minuteMs, quantise, type Sensors, sourcesOf } from './instrument.ts';

export const forecastOptions = {
  /** Times of issue, ms of the Beijing day. */
  issuesMs: [7.5 * hourMs, 16 * hourMs],
  days: 8,
  /** Relative standard deviation of PM2.5 for today, tomorrow and the seventh day. */
  sdToday: 0.1,
  sdDay1: 0.15,
  sdDay7: 0.5,
  /** Of the variance: common to all issues for a day, the rest is new at each issue. */
  commonShare: 0.75,
  /** The model's levels follow the last days: how fast the past fades, and what the levels of the tables below weigh at the start [D]. */
  memoryMs: 3 * dayMs,
  priorHours: 18,
} as const;

/** The box model's view of the city, winter to summer [D], after the levels of SIMULATION section 4. */
export const boxOptions = {
  stepMs: 3 * hourMs,
  /** PM2.5 that builds up at the usual ventilation, µg/m³, above the air that comes in. */
  localUgM3: [62, 24],
  inflowUgM3: [10, 8],
  /** Usual wind times mixing height, m²/s. */
  ventilationM2S: [700, 1300],
  /** Less than this from outside is usual air. */
  plainInflowUgM3: 15,
  /** How fast the city follows, at the usual ventilation. */
  tauMs: 20 * hourMs,
  /** PM2.5 / PM10 of usual air, and the PM2.5 above which more is haze, µg/m³. */
  fineShare: [0.68, 0.45],
  hazeUgM3: 80,
  no2UgM3: [42, 20],
  so2UgM3: [14, 7],
  coMgM3: [1, 0.6],
  /** Washed out: a P^b, 1/s and mm/h (SIMULATION section 2.4). */
  washA: 1e-4,
  washB: 0.7,
  /** Wind-blown dust from this wind on, m/s, and µg/m³ a (m/s)². */
  dustFromMps: 6,
  dustUgM3: 18,
} as const;

interface DayMean {
  readonly pm25: number;
  readonly pm10: number;
  readonly no2: number;
  readonly o3: number;
  readonly so2: number;
  readonly co: number;
  readonly mixingM: number;
  readonly windMps: number;
}

const metrics = catalog.forecast.metrics;

/** A row a target day at each issue; its time is the issue's, `targetMs` the start of the Beijing day. `futureWeather` is at the centre. */
export function forecastSensors(
  seed: number,
  register: Register,
  episode: Pick<Episode, 'startMs' | 'inflow'>,
  futureWeather: (ms: number) => Weather,
): Sensors {
  const count = sourcesOf(register, 'forecast').length;
  const outlook: Outlook = { weather: futureWeather, inflow: inflowOf(episode) };
  const experience = makeExperience(outlook.inflow);
  return (state) => {
    if (count === 0) return [];
    const { eventMs, stepMs, air } = state;
    const levels = experience(state);
    const issueMs = forecastOptions.issuesMs
      .map((each) => dayStart(eventMs) + each)
      .find((each) => each >= eventMs && each < eventMs + stepMs);
    if (issueMs === undefined) return [];
    const start = meanOf(air.pm25, boxOptions.localUgM3[0]);
    const days = boxDays(issueMs, start, levels, outlook).map((day, lead) => withError(seed, issueMs, lead, day));
    return [columnsOf(count, issueMs, days)];
  };
}

/** What the last days were against what the model made of their weather. */
interface Levels {
  readonly pm25: number;
  readonly coarse: number;
  readonly no2: number;
  readonly o3: number;
}

/** Observed and modelled sums that fade; their ratio corrects the model. */
interface Balance {
  observed: number;
  modelled: number;
}

/** What a forecaster knows of the days to come. */
interface Outlook {
  readonly weather: (ms: number) => Weather;
  /** Particles from outside on top of the usual, µg/m³: regional models see transport and dust come. */
  readonly inflow: (ms: number) => { readonly fine: number; readonly coarse: number };
}

const fineSpecies = ['pm25', 'so4', 'no3', 'soa'] as const;

function inflowOf({ startMs, inflow }: Pick<Episode, 'startMs' | 'inflow'>): Outlook['inflow'] {
  return (ms) => {
    let fine = 0;
    let coarse = 0;
    for (const { fromMs, toMs, rampMs, add } of inflow) {
      const at = ms - startMs;
      if (at <= fromMs || at >= toMs) continue;
      const share = rampMs > 0 ? Math.min(1, (at - fromMs) / rampMs, (toMs - at) / rampMs) : 1;
      for (const species of fineSpecies) fine += share * (add[species] ?? 0);
      coarse += share * (add.pmc ?? 0);
    }
    return { fine, coarse };
  };
}

/** Corrects the model's levels by the last days, hour by hour, as a forecaster's statistics do. */
function makeExperience(inflow: Outlook['inflow']): (state: CityState) => Levels {
  const fresh = (value: number): Balance => ({
    observed: value * forecastOptions.priorHours,
    modelled: value * forecastOptions.priorHours,
  });
  const balances = { pm25: fresh(45), coarse: fresh(30), no2: fresh(30), o3: fresh(80) };
  let hour = Number.NaN;
  let shadowPm25 = Number.NaN;
  const learn = (balance: Balance, observed: number, modelled: number) => {
    const kept = Math.exp(-hourMs / forecastOptions.memoryMs);
    balance.observed = balance.observed * kept + observed;
    balance.modelled = balance.modelled * kept + modelled;
  };
  const ratio = ({ observed, modelled }: Balance) => clip(observed / modelled, 0.25, 3);
  return ({ eventMs, weather, air }) => {
    if (Math.floor(eventMs / hourMs) !== hour) {
      hour = Math.floor(eventMs / hourMs);
      const pm25 = meanOf(air.pm25, 45);
      const comes = inflow(eventMs);
      shadowPm25 = boxStep(Number.isNaN(shadowPm25) ? pm25 : shadowPm25, { ms: eventMs, weather, stepMs: hourMs }, 1, comes.fine);
      // What comes from outside says nothing of the city's own level.
      if (comes.fine + comes.coarse < boxOptions.plainInflowUgM3) {
        learn(balances.pm25, pm25, shadowPm25);
        learn(balances.coarse, Math.max(0, meanOf(air.pm10, 75) - pm25), coarseOf(pm25, eventMs, weather));
      }
      learn(balances.no2, meanOf(air.no2, 30), no2Of(stagnation(weather, eventMs), eventMs));
      const local = hourOf(eventMs);
      if (local >= 13 && local < 18) learn(balances.o3, meanOf(air.o3, 80), ozone([weather]));
    }
    return { pm25: ratio(balances.pm25), coarse: ratio(balances.coarse), no2: ratio(balances.no2), o3: ratio(balances.o3) };
  };
}

function meanOf(values: Float64Array, otherwise: number): number {
  let sum = 0;
  let number = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    number += 1;
  }
  return number === 0 ? otherwise : sum / number;
}

function columnsOf(sources: number, issueMs: number, days: readonly DayMean[]): Columns {
  const rows = sources * days.length;
  const row = (r: number) => days[r % days.length];
  const values = Object.fromEntries(
    metrics.map((metric) => [
      metric.id,
      Float64Array.from({ length: rows }, (_, r) => {
        const targetMs = dayStart(issueMs) + (r % days.length) * dayMs;
        if (metric.id === 'targetMs') return targetMs;
        const value = metric.id === 'aqi' ? aqiOf(targetMs, row(r)) : row(r)[metric.id as keyof DayMean];
        return quantise(value, metric);
      }),
    ]),
  );
  return {
    kind: 'forecast',
    rows,
    periodMs: 0,
    source: Uint32Array.from({ length: rows }, (_, r) => Math.floor(r / days.length)),
    time: new Float64Array(rows).fill(issueMs),
    values,
  };
}

/** Daily AQI of the edition in force on the day, of the concentrations as they are given out. */
function aqiOf(targetMs: number, day: DayMean): number {
  const tenths = (value: number): Concentration => ({ num: Math.round(value * 10), den: 10 });
  const { pm25, pm10, no2, so2, co, o3 } = day;
  return dailyAqi(editionAt(targetMs), {
    day: {
      pm25: tenths(pm25),
      pm10: tenths(pm10),
      no2: tenths(no2),
      so2: tenths(so2),
      co: { num: Math.round(co * 1000), den: 1000 },
    },
    o3Mean8h: tenths(o3),
    o3Hour1h: tenths(o3 * 1.12),
  }).aqi;
}

/** Between winter's and summer's value. */
function bySeason([winter, summer]: readonly [number, number], ms: number): number {
  return winter + (summer - winter) * summerShare(ms);
}

interface Hours {
  readonly ms: number;
  readonly weather: Weather;
  readonly stepMs: number;
}

interface BoxStep extends Hours {
  readonly pm25: number;
  readonly coarseInflow: number;
}

/** Daily means from the issue on: of today only what is left. */
function boxDays(issueMs: number, startPm25: number, levels: Levels, outlook: Outlook): DayMean[] {
  const todayMs = dayStart(issueMs);
  let pm25 = startPm25;
  return Array.from({ length: forecastOptions.days }, (_, lead) => {
    const fromMs = lead === 0 ? issueMs : todayMs + lead * dayMs;
    const toMs = todayMs + (lead + 1) * dayMs;
    const steps: BoxStep[] = [];
    for (let ms = fromMs; ms < toMs; ms += boxOptions.stepMs) {
      const hours = { ms, weather: outlook.weather(ms), stepMs: boxOptions.stepMs };
      const inflow = outlook.inflow(ms);
      pm25 = boxStep(pm25, hours, levels.pm25, inflow.fine);
      steps.push({ ...hours, pm25, coarseInflow: inflow.coarse });
    }
    return dayMean(steps, levels);
  });
}

/** Usual ventilation over that of the hour, 0.2 to 4: how much more than usual stays in the city. */
function stagnation({ windMps, mixingM }: Weather, ms: number): number {
  return clip(bySeason(boxOptions.ventilationM2S, ms) / Math.max(40, windMps * mixingM), 0.2, 4);
}

/** One step of dC/dt = (C_equilibrium - C)/tau - washed out. More ventilation: a lower equilibrium, reached sooner. */
function boxStep(pm25: number, { ms, weather, stepMs }: Hours, level: number, inflow: number): number {
  const still = stagnation(weather, ms);
  const usual = bySeason(boxOptions.inflowUgM3, ms) + bySeason(boxOptions.localUgM3, ms) * pow(still, 0.8);
  const share = 1 - Math.exp(-stepMs / (boxOptions.tauMs * pow(still, 0.7)));
  const washedPerS = weather.rainMmH > 0 ? boxOptions.washA * pow(weather.rainMmH, boxOptions.washB) : 0;
  return (pm25 + share * (usual * level + inflow - pm25)) * Math.exp((-washedPerS * stepMs) / 1000);
}

function dayMean(steps: readonly BoxStep[], levels: Levels): DayMean {
  const mean = (of: (step: BoxStep) => number) => steps.reduce((sum, step) => sum + of(step), 0) / steps.length;
  const { ms } = steps[0];
  const pm25 = mean((step) => step.pm25);
  const still = mean((step) => stagnation(step.weather, step.ms));
  return {
    pm25,
    pm10: pm25 + mean((step) => step.coarseInflow + levels.coarse * coarseOf(step.pm25, step.ms, step.weather)),
    no2: levels.no2 * no2Of(still, ms),
    o3: levels.o3 * ozone(steps.map(({ weather }) => weather)),
    so2: bySeason(boxOptions.so2UgM3, ms) * pow(still, 0.4),
    co: bySeason(boxOptions.coMgM3, ms) * pow(still, 0.5),
    mixingM: mean(({ weather }) => weather.mixingM),
    windMps: mean(({ weather }) => weather.windMps),
  };
}

/** PM10 without PM2.5: the season's share of usual air (haze is fine particles only), and dust in strong wind; µg/m³. */
function coarseOf(pm25: number, ms: number, { windMps }: Weather): number {
  const gust = Math.max(0, windMps - boxOptions.dustFromMps);
  const usual = boxOptions.hazeUgM3 * (1 - Math.exp(-pm25 / boxOptions.hazeUgM3));
  return usual * (1 / bySeason(boxOptions.fineShare, ms) - 1) + boxOptions.dustUgM3 * gust * gust;
}

function no2Of(still: number, ms: number): number {
  return bySeason(boxOptions.no2UgM3, ms) * pow(still, 0.45);
}

/** Largest 8-hour mean by the day's warmth and sun [D]: 55 on a winter day at 2 °C, about 170 on a clear one at 32 °C; µg/m³. */
function ozone(weathers: readonly Weather[]): number {
  const warmest = Math.max(...weathers.map(({ tempC }) => tempC));
  const sun = Math.max(0, ...weathers.map(({ sinElevation, cloud }) => sinElevation * (1 - 0.6 * cloud)));
  return 40 + 30 * sun + 95 * sun * clip((warmest - 5) / 27, 0, 1.4);
}

/** Relative standard deviation of PM2.5 by days ahead. */
export function errorSd(lead: number): number {
  const { sdToday, sdDay1, sdDay7 } = forecastOptions;
  return lead === 0 ? sdToday : sdDay1 + (sdDay7 - sdDay1) * ((lead - 1) / 6);
}

/**
 * Errors as factors without bias. What is said of a day at one issue and at the next shares most of its error,
 * and so do neighbouring days: a forecaster who expects the front too late does so for days.
 */
function withError(seed: number, issueMs: number, lead: number, day: DayMean): DayMean {
  const target = Math.floor((dayStart(issueMs) + beijingOffsetMs) / dayMs) + lead;
  const issue = Math.floor(issueMs / (30 * minuteMs));
  const z = (name: string) => {
    const common = (offset: number) => normal(seed, streamOf(`forecast ${name}`), target + offset);
    const days = (common(0) + 0.6 * common(-1) + 0.3 * common(-2)) / Math.sqrt(1 + 0.36 + 0.09);
    const own = normal(seed, streamOf(`forecast issue ${name}`), issue * 16 + lead);
    return Math.sqrt(forecastOptions.commonShare) * days + Math.sqrt(1 - forecastOptions.commonShare) * own;
  };
  const factor = (share: number, error: number) => {
    const sd = errorSd(lead) * share;
    return Math.exp(sd * error - (sd * sd) / 2);
  };
  const particles = z('particles');
  const pm25 = day.pm25 * factor(1, particles);
  return {
    ...day,
    pm25,
    pm10: Math.max(pm25, day.pm10 * factor(1, 0.8 * particles + 0.6 * z('coarse'))),
    no2: day.no2 * factor(0.7, 0.6 * particles + 0.8 * z('no2')),
    o3: day.o3 * factor(0.5, z('o3')),
    mixingM: day.mixingM * factor(0.6, z('mixing')),
    windMps: day.windMps * factor(0.6, z('wind')),
  };
}
