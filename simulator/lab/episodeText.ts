// A scenario's course in words and as a table of every six hours.

import { aqiClass } from '../../engine/domain/aqi.ts';
import { formatBeijing } from '../../engine/domain/calendar.ts';
import type { Register } from '../../engine/schema/register.ts';
import type { ActivityLabel } from '../world/activity/labels.ts';
import { scriptedApplies } from '../world/activity/orders.ts';
import type { Draw, Episode, Incident, KeyFrame, NetworkFault, Scope, SensorFault } from '../world/episode.ts';
import type { Course, CourseHour } from './episodeCourse.ts';

export const incidentNames: Readonly<Record<Incident['kind'], { readonly zh: string; readonly en: string }>> = {
  control_failure: { zh: '治理设施失效', en: 'treatment fails' },
  fugitive: { zh: '风机停运泄漏', en: 'fan off, leak' },
  night_discharge: { zh: '夜间偷排', en: 'night discharge' },
  dust_no_control: { zh: '工地扬尘', en: 'dust, no control' },
  fire: { zh: '秸秆焚烧', en: 'straw fires' },
  fireworks: { zh: '烟花爆竹', en: 'fireworks' },
  area_factor: { zh: '面源增减', en: 'sector up or down' },
};

const tableEveryHours = 6;
const hourMs = 3_600_000;
/** More targets than that of one incident are counted. */
const targetsShown = 12;

/** `01-12 08:00`, Beijing time. */
export function shortTime(ms: number): string {
  return formatBeijing(ms).slice(5, 16).replace('T', ' ');
}

const compass = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'];
/** Where it blows from. */
export function compassOf(fromDeg: number): string {
  return compass[Math.round(fromDeg / 45) % 8];
}

export function episodeText(course: Course, seed: number): string {
  const { episode } = course;
  return [
    `${episode.id}: ${episode.title} (seed ${seed})`,
    '',
    ...summary(course),
    '',
    ...table(course),
    '',
    ...peaks(course),
    '',
  ].join('\n');
}

function summary(course: Course): readonly string[] {
  const { episode, register } = course;
  const { startMs, durationMs, stepMs, warmupMs, speed, season, cheatRate, sensorFaultRate, networkFaultRate } = episode;
  return [
    `Clock      ${formatBeijing(startMs)} to ${formatBeijing(startMs + durationMs)}, steps of ${span(stepMs)}, warm-up ${span(warmupMs)}, x${speed}, ${season}`,
    ...headed('Weather', episode.met.map(keyFrameText), 'the generator alone'),
    ...headed(
      'Inflow',
      episode.inflow.map((each) => `${times(episode, each)}, ramp ${span(each.rampMs)}: ${added(each.add)} µg/m³`),
    ),
    ...headed(
      'Incidents',
      episode.incidents.flatMap((each) => incidentLines(each, course)),
    ),
    ...headed('Faults', [
      ...episode.sensorFaults.map((each) => sensorFaultText(each, episode)),
      ...episode.networkFaults.map((each) => networkFaultText(each, episode, register)),
      `and the usual ones: sensors x${sensorFaultRate}, network x${networkFaultRate}, enterprises that cheat x${cheatRate}`,
    ]),
    ...headed('Control', controlLines(episode)),
  ];
}

function headed(head: string, lines: readonly string[], none = 'none'): readonly string[] {
  return (lines.length === 0 ? [none] : lines).map((line, i) => `${(i === 0 ? head : '').padEnd(10)} ${line}`);
}

function times(
  { startMs }: Pick<Episode, 'startMs'>,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): string {
  return `${shortTime(startMs + fromMs)} to ${shortTime(startMs + toMs)}`;
}

function span(ms: number): string {
  if (ms === 0) return '0 h';
  if (ms % 86_400_000 === 0) return `${ms / 86_400_000} d`;
  if (ms % hourMs === 0) return `${ms / hourMs} h`;
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}

function added(values: Readonly<Partial<Record<string, number>>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} +${value}`)
    .join(', ');
}

function drawText(draw: Draw, unit: (value: number) => string): string {
  if (draw.kind === 'fixed') return unit(draw.value);
  return draw.kind === 'lognormal' ? `about ${unit(draw.median)} (x/÷ ${draw.gsd})` : `${unit(draw.low)} to ${unit(draw.high)}`;
}

function keyFrameText({ atMs, ...frame }: KeyFrame): string {
  const { windMps, windFromDeg, rhPct, mixingFactor, tempOffsetC, cloud, rainMmH, fog } = frame;
  const parts = [
    windMps === undefined ? undefined : `${windMps} m/s`,
    windFromDeg === undefined ? undefined : `from ${windFromDeg}° (${compassOf(windFromDeg)})`,
    rhPct === undefined ? undefined : `humidity ${rhPct} %`,
    mixingFactor === undefined ? undefined : `mixing height x${mixingFactor}`,
    tempOffsetC === undefined ? undefined : `temperature ${tempOffsetC >= 0 ? '+' : ''}${tempOffsetC} °C`,
    cloud === undefined ? undefined : `cloud ${cloud}`,
    rainMmH === undefined ? undefined : `rain ${rainMmH} mm/h`,
    fog === undefined ? undefined : `fog ${fog}`,
  ];
  return `+${span(atMs)}: ${parts.filter((part) => part !== undefined).join(', ')}`;
}

function incidentLines(incident: Incident, course: Course): readonly string[] {
  const { episode, unresolved } = course;
  const head = `${incident.id} ${incidentNames[incident.kind].zh} (${incidentNames[incident.kind].en}), ${times(episode, incident)}${detail(incident)}`;
  if (unresolved.includes(incident.id)) return [head, '   NO TARGET: nothing in the register fits'];
  const labels = course.incidents.filter(({ id, incident: of }) => id === incident.id || of === incident.id);
  const placed = labels.filter(({ enterprise, site, field }) => enterprise ?? site ?? field);
  const more = placed.length > targetsShown ? [`   and ${placed.length - targetsShown} more`] : [];
  return [head, ...placed.slice(0, targetsShown).map((label) => `   ${targetText(label, course)}`), ...more];
}

function detail(incident: Incident): string {
  switch (incident.kind) {
    case 'control_failure':
      return `, ${incident.pollutant} x${incident.factor}, ${incident.power}`;
    case 'night_discharge':
      return `, x${incident.factor}, ${incident.windows.map(({ fromMinute, toMinute }) => `${clock(fromMinute)}-${clock(toMinute)}`).join(', ')}`;
    case 'dust_no_control':
      return `, x${incident.factor}`;
    case 'fire':
      return `, ${incident.count} of ${drawText(incident.areaMu, (mu) => `${mu} mu`)}, ${incident.fuel}`;
    case 'fireworks':
      return `, ${incident.massPm25Kg / 1000} t of PM2.5`;
    case 'area_factor':
      return `, ${incident.sector} x${incident.factor}`;
    default:
      return '';
  }
}

const clock = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** `E1-2 E-0042 衡水某某橡胶有限公司 P1 炉, 桃城区: pm25 6.0, pmc 9.0 g/s on top`. */
function targetText(label: ActivityLabel, { register }: Course): string {
  const plant = register.enterprises.find(({ id }) => id === label.enterprise);
  const site = register.sources.find(({ kind, id }) => kind === 'dust' && id === label.site);
  const process = plant?.processes.find(({ id }) => id === label.process);
  const district = register.districts.find(({ code }) => code === (plant ?? site)?.district);
  const what =
    plant === undefined
      ? site === undefined
        ? `${shortTime(label.fromMs)} to ${shortTime(label.toMs)}`
        : `${site.id} ${site.zh}`
      : `${plant.id} ${plant.zh} ${label.process} ${process?.zh ?? ''}`.trim();
  const excess = Object.entries(label.excessGps).filter(([, value]) => Math.abs(value) >= 0.005);
  const gps = excess.map(([name, value]) => `${name} ${value.toFixed(2)}`).join(', ');
  return `${label.id} ${what}${district === undefined ? '' : `, ${district.zh} ${district.en}`}${gps === '' ? '' : `: on top ${gps} g/s`}`;
}

function sensorFaultText(fault: SensorFault, episode: Episode): string {
  const { id, kind, source, sourceKind, metrics } = fault;
  const sizes = Object.entries({
    factor: fault.factor,
    'a day': fault.ratePerDay,
    'an hour': fault.ratePerHour,
    size: fault.size,
    share: fault.share,
    at: fault.at,
    with: fault.with,
    coef: fault.coef,
  }).filter(([, value]) => value !== undefined);
  const size = sizes.length === 0 ? '' : ` (${sizes.map(([name, value]) => `${name} ${value}`).join(', ')})`;
  return `${id} ${kind}${size} at ${source} (${sourceKind}), ${metrics.length === 0 ? 'all metrics' : metrics.join(' and ')}, ${times(episode, fault)}`;
}

function networkFaultText(fault: NetworkFault, episode: Episode, register: Register): string {
  return `${fault.id} ${fault.kind} of ${scopeText(fault.scope, register)}, ${times(episode, fault)}${fault.backfill === true ? ', backfilled' : ''}`;
}

function scopeText({ district, kind, source, share }: Scope, { districts }: Register): string {
  const place = districts.find(({ code }) => code === district);
  const what = source ?? (kind === undefined ? 'all kinds' : kind);
  const where = place === undefined ? '' : ` in ${place.zh} ${place.en}`;
  return `${share < 1 ? `${Number((share * 100).toFixed(1))} % of ` : ''}${what}${where}`;
}

function controlLines(episode: Episode): readonly string[] {
  const { mode, scripted, response } = episode.control;
  if (mode === 'open_loop') return ['open loop: no orders'];
  const { comply, cheat, refuse, trafficCut, dustStop } = response;
  const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`;
  const acts = scriptedApplies(episode, true);
  const who = mode === 'closed_loop' ? "the engine's orders; without them the scenario's" : "the scenario's orders";
  return [
    `${mode}: ${who}; ${percent(comply)} obey, ${percent(cheat)} cheat, ${percent(refuse)} refuse; notice ${drawText(response.notifyMs, span)}, ramp ${drawText(response.rampMs, span)}; at red traffic -${percent(trafficCut)}, sites -${percent(dustStop)}`,
    ...scripted.map(
      (order) =>
        `${order.id} ${order.level}, ${times(episode, order)}${order.cut === undefined ? ', by the plans' : `, cut ${percent(order.cut)}`}, ${order.kinds.join(' ')}${acts ? '' : ' (not acting)'}`,
    ),
  ];
}

const columns = [
  ['Beijing time', 13],
  ['PM2.5', 7],
  ['PM10', 7],
  ['O3', 6],
  ['NO2', 6],
  ['AQI24', 7],
  ['class', 12],
  ['worst station', 15],
  ['PM2.5', 7],
  ['wind m/s', 13],
  ['mixing m', 10],
] as const;
const orderColumns = [
  ['no orders', 11],
  ['effect', 9],
] as const;

function table(course: Course): readonly string[] {
  const head = [...columns, ...(course.hasOrders ? orderColumns : [])];
  const line = (cells: readonly string[]) => cells.map((cell, i) => cell.padStart(head[i][1])).join('');
  return [
    'Medians of the stations over one hour, µg/m³, every six hours; AQI24: of the city over the last 24 hours.',
    line(head.map(([name]) => name)),
    ...course.hours.filter((_, i) => i % tableEveryHours === 0).map((hour) => line(cells(hour, course))),
  ];
}

function cells(hour: CourseHour, { stations, hasOrders }: Course): readonly string[] {
  const { median, medianPm25NoOrders: without } = hour;
  const index = Number.isNaN(hour.aqi24) ? undefined : aqiClass(hour.aqi24);
  const row = [
    shortTime(hour.startMs),
    median.pm25.toFixed(0),
    median.pm10.toFixed(0),
    median.o3.toFixed(0),
    median.no2.toFixed(0),
    index === undefined ? '-' : hour.aqi24.toFixed(0),
    index === undefined ? '-' : `${index.level} ${index.en}`,
    stations[hour.worstStation].id,
    hour.worstPm25.toFixed(0),
    `${hour.windMps.toFixed(1)} ${compassOf(hour.windFromDeg)}`,
    hour.mixingM.toFixed(0),
  ];
  return hasOrders ? [...row, without.toFixed(1), effect(median.pm25, without)] : row;
}

function effect(value: number, without: number): string {
  return value === without ? '0' : `${((100 * (value - without)) / without).toFixed(1)} %`;
}

function peaks({ cityPeak, placePeak, stations }: Course): readonly string[] {
  return [
    `The city's peak: ${shortTime(cityPeak.startMs)}, median PM2.5 ${cityPeak.median.pm25.toFixed(0)}, PM10 ${cityPeak.median.pm10.toFixed(0)}, O3 ${cityPeak.median.o3.toFixed(0)} µg/m³.`,
    `A place stands out most: ${shortTime(placePeak.startMs)}, ${stations[placePeak.worstStation].id} ${stations[placePeak.worstStation].zh}, PM2.5 ${placePeak.worstPm25.toFixed(0)} against a median of ${placePeak.median.pm25.toFixed(0)} µg/m³.`,
  ];
}
