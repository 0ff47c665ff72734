// The lower part of the picture: the city in one hour, its stations by class, what happens where, the wind.

import { aqiClass, aqiClasses } from '../../../engine/domain/aqi.ts';
import type { ActivityLabel } from '../../world/activity/labels.ts';
import { type Local, localOf } from '../../world/local.ts';
import type { Course, CourseSnapshot } from '../episodeCourse.ts';
import { compassOf } from '../episodeText.ts';
import { colors } from './curves.ts';
import { group, label, rect, segment, windArrow } from './svg.ts';

/** Of the square, and with the lines above it, px. */
export const mapSize = 680;
export const mapHeight = mapSize + 92;
const border = 34;
const hourMs = 3_600_000;
/** A fire of the hours before is still smoke in the air. */
const smokeMs = 2 * hourMs;

interface Projection {
  readonly x: (place: Local) => number;
  readonly y: (place: Local) => number;
  readonly pxPerKm: number;
}

export function mapPanel(course: Course, snapshot: CourseSnapshot, title: string): string {
  const to = projection(course);
  return [
    label(0, 0, title, { bold: true, size: 15 }),
    group(0, 14, weather(snapshot)),
    group(
      0,
      mapHeight - mapSize,
      [
        rect(0, 0, mapSize, mapSize, '#fff', 'stroke="#999"'),
        scaleBar(to),
        incidents(course, snapshot, to, false),
        stations(course, snapshot, to),
        districts(course, snapshot, to),
        incidents(course, snapshot, to, true),
        worst(course, snapshot, to),
      ].join(''),
    ),
  ].join('');
}

/** Flat, one scale, north is up; everything that has a place is in it. */
function projection({ register, stations: sources, incidents: labels }: Course): Projection {
  const places = [
    ...register.districts.map(localOf),
    ...sources.flatMap(({ lon, lat }) => (lon === undefined || lat === undefined ? [] : [localOf({ lon, lat })])),
    ...labels.filter(isPlaced),
  ];
  const [west, east] = [Math.min(...places.map(({ x }) => x)), Math.max(...places.map(({ x }) => x))];
  const [south, north] = [Math.min(...places.map(({ y }) => y)), Math.max(...places.map(({ y }) => y))];
  const pxPerM = (mapSize - 2 * border) / Math.max(east - west, north - south, 1000);
  return {
    x: ({ x }) => mapSize / 2 + (x - (west + east) / 2) * pxPerM,
    y: ({ y }) => mapSize / 2 - (y - (south + north) / 2) * pxPerM,
    pxPerKm: pxPerM * 1000,
  };
}

const isPlaced = ({ enterprise, site, field }: ActivityLabel) => (enterprise ?? site ?? field) !== undefined;

function districts({ register, stations: sources }: Course, { pm25 }: CourseSnapshot, to: Projection): string {
  return register.districts
    .map((district) => {
      const [x, y] = [to.x(localOf(district)), to.y(localOf(district))];
      const own = pm25.filter((_, i) => sources[i].district === district.code).sort((a, b) => a - b);
      const value = own.length === 0 ? '' : ` ${own[own.length >> 1].toFixed(0)}`;
      return (
        segment(x - 7, y, x + 7, y, '#000', 'stroke-width="2"') +
        segment(x, y - 7, x, y + 7, '#000', 'stroke-width="2"') +
        label(x, y - 22, `${district.zh}${value}`, { size: 14, bold: true, anchor: 'middle', halo: '#fff' }) +
        label(x, y - 10, district.en, { size: 11, anchor: 'middle', color: '#444', halo: '#fff' })
      );
    })
    .join('');
}

/** The worst on top; the number in it is the class. */
function stations({ stations: sources }: Course, { aqi }: CourseSnapshot, to: Projection): string {
  return sources
    .map((source, i) => ({ source, aqi: aqi[i] }))
    .filter(({ source }) => source.lon !== undefined && source.lat !== undefined)
    .sort((a, b) => a.aqi - b.aqi)
    .map(({ source, aqi: index }) => {
      const place = localOf({ lon: source.lon ?? 0, lat: source.lat ?? 0 });
      return stationMark(to.x(place), to.y(place), index, source.national === true);
    })
    .join('');
}

function stationMark(x: number, y: number, index: number, isNational: boolean): string {
  const found = aqiClass(index);
  const [fill, level] = [found?.hex ?? '#ddd', found?.level ?? 0];
  const rim = `stroke="#333" stroke-width="${isNational ? 2 : 0.7}"`;
  const dot = isNational
    ? rect(x - 7, y - 7, 14, 14, fill, rim)
    : `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="6.6" fill="${fill}" ${rim}/>`;
  return dot + label(x, y + 3.6, String(level), { size: 10, bold: true, anchor: 'middle', color: level >= 4 ? '#fff' : '#222' });
}

/** Those that go on in this hour, or the others. */
function incidents({ incidents: labels }: Course, { startMs }: CourseSnapshot, to: Projection, isOn: boolean): string {
  const goesOn = ({ fromMs, toMs, field }: ActivityLabel) =>
    fromMs < startMs + hourMs && toMs + (field === undefined ? 0 : smokeMs) > startMs;
  return labels
    .filter((each) => isPlaced(each) && goesOn(each) === isOn)
    .map((each) => {
      const [x, y] = [to.x(each), to.y(each)];
      const text = isOn
        ? label(x + 11, y + 15, each.id, { size: 12, bold: true, color: colors.incident, halo: '#fff' })
        : label(x + 8, y + 12, each.id, { size: 10, color: '#8a8a8a', halo: '#fff' });
      return incidentMark(x, y, each, isOn) + text;
    })
    .join('');
}

type Placed = Pick<ActivityLabel, 'field' | 'site'>;

/** Works: a square; sites: a triangle; fires: a star. Filled while it goes on. */
function incidentMark(x: number, y: number, { field, site }: Placed, isOn: boolean): string {
  const style = isOn
    ? `fill="${colors.incident}" stroke="#fff" stroke-width="1.4"`
    : 'fill="#fff" fill-opacity="0.6" stroke="#8a8a8a" stroke-width="1.4"';
  const points =
    field !== undefined
      ? Array.from({ length: 10 }, (_, i) => corner(i * 36, i % 2 === 0 ? 11 : 4.6))
      : site !== undefined
        ? [corner(0, 10), corner(120, 10), corner(240, 10)]
        : [corner(45, 10), corner(135, 10), corner(225, 10), corner(315, 10)];
  return group(x, y, `<path d="M${points.join('L')}Z" ${style}/>`);
}

function corner(degrees: number, radius: number): string {
  const angle = (degrees * Math.PI) / 180;
  return `${(radius * Math.sin(angle)).toFixed(1)},${(-radius * Math.cos(angle)).toFixed(1)}`;
}

function worst({ stations: sources }: Course, { worstStation, worstPm25 }: CourseSnapshot, to: Projection): string {
  const { id, lon, lat } = sources[worstStation];
  if (lon === undefined || lat === undefined) return '';
  const [x, y] = [to.x(localOf({ lon, lat })), to.y(localOf({ lon, lat }))];
  const ring = `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="12" fill="none" stroke="${colors.worst}" stroke-width="3"/>`;
  const text = `${id}: ${worstPm25.toFixed(0)}`;
  return ring + label(x, y + 27, text, { size: 13, bold: true, color: colors.worst, halo: '#fff', anchor: 'middle' });
}

function weather({ windMps, windFromDeg, mixingM, median, worstPm25, tempC, rhPct }: CourseSnapshot): string {
  const lines = [
    `风 wind ${windMps.toFixed(1)} m/s ${compassOf(windFromDeg)}, 混合层 mixing ${mixingM.toFixed(0)} m`,
    `${tempC.toFixed(0)} °C, 湿度 humidity ${rhPct.toFixed(0)} %`,
    `中位 medians PM2.5 ${median.pm25.toFixed(0)}, PM10 ${median.pm10.toFixed(0)}, O3 ${median.o3.toFixed(0)}; PM2.5 最高 highest ${worstPm25.toFixed(0)} µg/m³`,
  ];
  return [
    windArrow(28, 32, windFromDeg, Math.min(48, 22 + windMps * 4), colors.median),
    ...lines.map((text, i) => label(64, 14 + i * 19, text, { size: 13 })),
  ].join('');
}

function scaleBar({ pxPerKm }: Projection): string {
  const [x, y] = [mapSize - 24 - 20 * pxPerKm, mapSize - 16];
  return (
    segment(x, y, x + 20 * pxPerKm, y, '#333', 'stroke-width="2"') +
    segment(x, y - 4, x, y + 4, '#333') +
    segment(x + 20 * pxPerKm, y - 4, x + 20 * pxPerKm, y + 4, '#333') +
    label(x + 10 * pxPerKm, y - 7, '20 km', { size: 12, anchor: 'middle' })
  );
}

/** For both maps. */
export function mapLegend({ incidents: labels }: Course): string {
  const classes = aqiClasses.map((each, i) =>
    group(
      i * 148,
      0,
      stationMark(8, 0, Number.isFinite(each.max) ? each.max : 400, false) +
        label(22, 4, `${each.level} ${each.zh} ${each.en}`, { size: 12 }),
    ),
  );
  const marks = [
    { text: '企业事件 at an enterprise', place: {} },
    { text: '工地事件 at a dust site', place: { site: '' } },
    { text: '秸秆焚烧 straw fire', place: { field: '' } },
  ].map(({ text, place }, i) => group(i * 196, 34, incidentMark(8, 0, place, true) + label(24, 4, text, { size: 12 })));
  const rest = [
    group(600, 34, incidentMark(8, 0, {}, false) + label(24, 4, '不在该时刻 not in this hour', { size: 12 })),
    group(
      800,
      34,
      rect(1, -7, 14, 14, '#fff', 'stroke="#333" stroke-width="2"') + label(24, 4, '国控站 national station', { size: 12 }),
    ),
    group(
      980,
      34,
      label(0, 4, '+', { size: 16, bold: true }) +
        label(14, 4, '区县驻地与 PM2.5 中位 seat and median PM2.5 of the district', { size: 12 }),
    ),
  ];
  const edition = '站点按小时 AQI 等级着色并标号 Stations: class of the hourly AQI, by colour and number';
  const fires = labels.some(({ field }) => field !== undefined) ? `; 火点含前 2 小时 fires of the last 2 h too` : '';
  return [...classes, ...marks, ...rest, label(0, 70, `${edition}${fires}`, { size: 12, color: '#555' })].join('');
}
