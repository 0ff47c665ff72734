// The upper part of the picture: curves of the city over time, and what happens when.

import { aqiClasses } from '../../../engine/domain/aqi.ts';
import { beijingOffsetMs, dayStart, formatBeijing } from '../../../engine/domain/calendar.ts';
import { scriptedApplies } from '../../world/activity/orders.ts';
import type { Course } from '../episodeCourse.ts';
import { incidentNames } from '../episodeText.ts';
import { curve, group, label, rect, segment, textWidth, windArrow } from './svg.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const left = 64;
/** Room for what the lines are, px. */
const right = 232;
const panelGap = 50;
const laneHeight = 19;
const ink = '#222';
const grid = '#e3e3dd';

export const colors = {
  median: '#0b3d91',
  worst: '#c75000',
  pm10: '#8d6e63',
  o3: '#2e7d32',
  no2: '#7b1fa2',
  incident: '#c0392b',
  order: '#1565c0',
  inflow: '#6a4c93',
  sensorFault: '#616161',
  networkFault: '#8a6d3b',
} as const;

export interface Panels {
  readonly svg: string;
  readonly height: number;
}

interface Axis {
  readonly x: (ms: number) => number;
  readonly fromX: number;
  readonly toX: number;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Lane {
  readonly text: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly color: string;
  /** Also drawn behind the curve of PM2.5. */
  readonly isShaded: boolean;
}

export function curvePanels(course: Course, width: number): Panels {
  const { startMs, durationMs } = course.episode;
  const toMs = startMs + durationMs;
  const toX = width - right;
  const axis: Axis = {
    x: (ms) => left + ((ms - startMs) / durationMs) * (toX - left),
    fromX: left,
    toX,
    fromMs: startMs,
    toMs,
  };
  const lanes = lanesOf(course);
  const panels: readonly Panels[] = [
    { svg: particles(course, axis, lanes, 250), height: 250 },
    { svg: laneRows(lanes, axis), height: Math.max(1, lanes.length) * laneHeight },
    { svg: indices(course, axis, 180), height: 180 },
    { svg: gases(course, axis, 170), height: 170 },
    { svg: winds(course, axis, 116), height: 116 },
  ];
  let top = 22;
  const placed = panels.map(({ svg, height }) => {
    const moved = group(0, top, svg);
    top += height + panelGap;
    return moved;
  });
  return { svg: placed.join('\n'), height: top };
}

interface Scale {
  readonly step: number;
  readonly max: number;
}

/** From zero to the value, in three to six round steps. */
function scaleTo(value: number): Scale {
  const size = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  const step = ([0.2, 0.5, 1, 2].find((each) => value <= each * size * 6) ?? 2) * size;
  return { step, max: Math.max(1, Math.ceil(value / step)) * step };
}

interface Frame {
  readonly title: string;
  readonly height: number;
  readonly scale: Scale;
  readonly axis: Axis;
}

/** Frame, title, grid, labels of both axes. */
function frame({ title, height, scale, axis }: Frame): string {
  const { fromX, toX } = axis;
  const rows: string[] = [];
  for (let value = 0; value <= scale.max; value += scale.step) {
    const y = height - (value / scale.max) * height;
    const text = String(Number(value.toFixed(1)));
    rows.push(segment(fromX, y, toX, y, grid), label(fromX - 8, y + 4, text, { anchor: 'end', size: 12, color: '#555' }));
  }
  return [
    label(fromX, -8, title, { bold: true, size: 14 }),
    ...rows,
    times(axis, height),
    rect(fromX, 0, toX - fromX, height, 'none', 'stroke="#999"'),
  ].join('');
}

/** Lines at midnights, or every six hours of a short scenario; as many labels as there is room for. */
function times({ x, fromMs, toMs, fromX, toX }: Axis, height: number): string {
  const isShort = toMs - fromMs <= 3 * dayMs;
  const everyMs = isShort ? 6 * hourMs : dayMs;
  const labelsMost = (toX - fromX) / 64;
  const labelEvery = Math.max(1, Math.ceil((toMs - fromMs) / everyMs / labelsMost));
  const lines: string[] = [];
  let n = 0;
  for (let ms = dayStart(fromMs); ms <= toMs; ms += everyMs) {
    if (ms < fromMs) continue;
    const isMidnight = (ms + beijingOffsetMs) % dayMs === 0;
    lines.push(segment(x(ms), 0, x(ms), height, isMidnight ? '#cfcfc8' : grid));
    const text = isMidnight ? formatBeijing(ms).slice(5, 10) : formatBeijing(ms).slice(11, 16);
    if (n++ % labelEvery === 0)
      lines.push(label(x(ms), height + 16, text, { anchor: 'middle', size: 12, color: '#555', bold: isMidnight && isShort }));
  }
  return lines.join('');
}

interface Entry {
  readonly text: string;
  readonly color: string;
  readonly more?: string;
}

/** What the lines are, to the right of a panel. */
function legend(axis: Axis, entries: readonly Entry[]): string {
  return entries
    .map(({ text, color, more }, i) => {
      const y = 10 + i * 20;
      return (
        segment(axis.toX + 12, y, axis.toX + 36, y, color, more ?? 'stroke-width="2.2"') +
        label(axis.toX + 42, y + 4, text, { size: 12 })
      );
    })
    .join('');
}

const dashed = 'stroke-width="1.6" stroke-dasharray="5 4"';

function particles({ points, everyMs, hasOrders }: Course, axis: Axis, lanes: readonly Lane[], height: number): string {
  const xs = points.map(({ startMs }) => axis.x(startMs + everyMs / 2));
  const scale = scaleTo(Math.max(...points.map((point) => Math.max(point.worstPm25, point.worstPm25NoOrders))));
  const { max } = scale;
  const ys = (values: readonly number[]) => values.map((value) => height - (value / max) * height);
  const shades = lanes
    .filter(({ isShaded }) => isShaded)
    .map(({ fromMs, toMs, color }) => {
      const [x1, x2] = [axis.x(Math.max(fromMs, axis.fromMs)), axis.x(Math.min(toMs, axis.toMs))];
      return rect(x1, 0, Math.max(1, x2 - x1), height, color, 'fill-opacity="0.09"');
    });
  const without = hasOrders
    ? [
        curve(xs, ys(points.map(({ worstPm25NoOrders }) => worstPm25NoOrders)), colors.worst, dashed),
        curve(xs, ys(points.map(({ medianPm25NoOrders }) => medianPm25NoOrders)), colors.median, dashed),
      ]
    : [];
  return [
    ...shades,
    frame({ title: 'PM2.5, µg/m³', height, scale, axis }),
    curve(xs, ys(points.map(({ worstPm25 }) => worstPm25)), colors.worst, 'stroke-width="1.3"'),
    curve(xs, ys(points.map(({ median }) => median.pm25)), colors.median, 'stroke-width="2.6"'),
    ...without,
    legend(axis, [
      { text: '全市中位 city median', color: colors.median, more: 'stroke-width="2.6"' },
      { text: '最高站点 worst station', color: colors.worst },
      ...(hasOrders
        ? [
            { text: '中位无管控 median, no orders', color: colors.median, more: dashed },
            { text: '最高无管控 worst, no orders', color: colors.worst, more: dashed },
          ]
        : []),
      ...(lanes.some(({ isShaded }) => isShaded) ? [{ text: '事件 incident', color: colors.incident, more: shade }] : []),
      ...(lanes.some(({ color }) => color === colors.order) ? [{ text: '管控 order', color: colors.order, more: shade }] : []),
    ]),
  ].join('');
}

const shade = 'stroke-width="12" stroke-opacity="0.25"';

function lanesOf({ episode }: Course): readonly Lane[] {
  const { startMs, incidents, control, sensorFaults, networkFaults, inflow } = episode;
  const at = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) => ({
    fromMs: startMs + fromMs,
    toMs: startMs + toMs,
  });
  const levelNames = { yellow: '黄色 yellow', orange: '橙色 orange', red: '红色 red' } as const;
  return [
    ...inflow.map((each) => ({ ...at(each), text: '区域输送 inflow', color: colors.inflow, isShaded: false })),
    ...incidents.map((each) => {
      const { zh, en } = incidentNames[each.kind];
      return { ...at(each), text: `${each.id} ${zh} ${en}`, color: colors.incident, isShaded: true };
    }),
    ...(scriptedApplies(episode, true) ? control.scripted : []).map((each) => ({
      ...at(each),
      text: `${each.id} 管控 order: ${levelNames[each.level]}`,
      color: colors.order,
      isShaded: true,
    })),
    ...sensorFaults.map((each) => ({
      ...at(each),
      text: `${each.id} 仪器 sensor: ${each.kind} ${each.source}`,
      color: colors.sensorFault,
      isShaded: false,
    })),
    ...networkFaults.map((each) => ({
      ...at(each),
      text: `${each.id} 网络 network: ${each.kind}`,
      color: colors.networkFault,
      isShaded: false,
    })),
  ];
}

/** A row each: a bar, and its text behind it, before it, or in it, wherever there is room. */
function laneRows(lanes: readonly Lane[], axis: Axis): string {
  const height = Math.max(1, lanes.length) * laneHeight;
  const rows = lanes.map(({ text, fromMs, toMs, color }, i) => {
    const y = i * laneHeight;
    const x1 = axis.x(Math.max(fromMs, axis.fromMs));
    const x2 = Math.max(x1 + 2, axis.x(Math.min(toMs, axis.toMs)));
    const size = 12;
    const wide = textWidth(text, size) + 8;
    const bar = rect(x1, y + 3, x2 - x1, laneHeight - 6, color, 'fill-opacity="0.75" rx="2"');
    if (x2 + wide < axis.toX) return bar + label(x2 + 6, y + 14, text, { size, color });
    if (x1 - wide > axis.fromX) return bar + label(x1 - 6, y + 14, text, { size, color, anchor: 'end' });
    return bar + label(x1 + 6, y + 14, text, { size, color: '#fff', halo: color });
  });
  const none = lanes.length === 0 ? label(axis.fromX + 8, 14, '无 none', { size: 12, color: '#777' }) : '';
  return [
    label(axis.fromX, -8, '事件、管控与故障 Incidents, orders, faults', { bold: true, size: 14 }),
    times(axis, height).replaceAll(/<text.*?<\/text>/g, ''),
    rect(axis.fromX, 0, axis.toX - axis.fromX, height, 'none', 'stroke="#999"'),
    ...rows,
    none,
  ].join('');
}

function indices({ hours, hasOrders }: Course, axis: Axis, height: number): string {
  const xs = hours.map(({ startMs }) => axis.x(startMs + hourMs));
  const most = Math.max(
    100,
    ...hours.flatMap(({ aqi24, aqi24NoOrders }) => [aqi24, aqi24NoOrders]).filter((value) => !Number.isNaN(value)),
  );
  const max = aqiClasses.find((each) => each.max >= most && Number.isFinite(each.max))?.max ?? 500;
  const y = (value: number) => height - (value / max) * height;
  let low = 0;
  const bands = aqiClasses
    .filter((each) => {
      const isIn = low < max;
      low = each.max;
      return isIn;
    })
    .map((each, i, all) => {
      const [from, to] = [i === 0 ? 0 : all[i - 1].max, Math.min(each.max, max)];
      const middle = (y(from) + y(to)) / 2;
      return (
        rect(axis.fromX, y(to), axis.toX - axis.fromX, y(from) - y(to), each.hex, 'fill-opacity="0.28"') +
        rect(axis.toX + 12, y(to) + 1, 14, y(from) - y(to) - 2, each.hex, 'stroke="#777" stroke-width="0.5"') +
        label(axis.toX + 32, middle + 4, `${each.level} ${each.zh} ${each.en}`, { size: 12 })
      );
    });
  return [
    ...bands,
    frame({ title: '全市 24 小时 AQI, city, last 24 h', height, scale: { max, step: max > 200 ? 100 : 50 }, axis }),
    ...(hasOrders
      ? [
          curve(
            xs,
            hours.map(({ aqi24NoOrders }) => y(aqi24NoOrders)),
            ink,
            dashed,
          ),
        ]
      : []),
    curve(
      xs,
      hours.map(({ aqi24 }) => y(aqi24)),
      ink,
      'stroke-width="2.4"',
    ),
  ].join('');
}

function gases({ points, everyMs }: Course, axis: Axis, height: number): string {
  const xs = points.map(({ startMs }) => axis.x(startMs + everyMs / 2));
  const ids = ['pm10', 'o3', 'no2'] as const;
  const scale = scaleTo(Math.max(...points.flatMap(({ median }) => ids.map((id) => median[id]))));
  const { max } = scale;
  const styles = {
    pm10: 'stroke-width="2"',
    o3: 'stroke-width="2" stroke-dasharray="8 3"',
    no2: 'stroke-width="2" stroke-dasharray="2 3"',
  };
  return [
    frame({ title: 'PM10, O3, NO2 中位 medians, µg/m³', height, scale, axis }),
    ...ids.map((id) =>
      curve(
        xs,
        points.map(({ median }) => height - (median[id] / max) * height),
        colors[id],
        styles[id],
      ),
    ),
    legend(
      axis,
      ids.map((id) => ({ text: id.toUpperCase(), color: colors[id], more: styles[id] })),
    ),
  ].join('');
}

/** Arrows fly with the wind; the area is the height of the mixed layer. */
function winds({ points, hours, everyMs }: Course, axis: Axis, height: number): string {
  const scale = scaleTo(Math.max(...points.map(({ mixingM }) => mixingM)));
  const { max } = scale;
  const floor = height;
  const xs = points.map(({ startMs }) => axis.x(startMs + everyMs / 2));
  const ys = points.map(({ mixingM }) => floor - (mixingM / max) * height);
  const area = `<path d="M${xs[0].toFixed(1)},${floor}${xs.map((x, i) => `L${x.toFixed(1)},${ys[i].toFixed(1)}`).join('')}L${(xs.at(-1) as number).toFixed(1)},${floor}Z" fill="#9dbdd6" fill-opacity="0.55"/>`;
  const every = Math.max(1, Math.ceil(hours.length / ((axis.toX - axis.fromX) / 30)));
  const arrows = hours
    .filter((_, i) => i % every === 0)
    .map(({ startMs, windMps, windFromDeg }) => {
      const x = axis.x(startMs + hourMs / 2);
      return (
        windArrow(x, height + 40, windFromDeg, Math.min(30, 9 + windMps * 3), ink) +
        label(x, height + 68, windMps.toFixed(windMps < 9.95 ? 1 : 0), { size: 10, anchor: 'middle', color: '#555' })
      );
    });
  return [
    area,
    frame({ title: '混合层高度 Mixing height, m; 风 wind, m/s', height, scale, axis }),
    curve(xs, ys, '#41729f', 'stroke-width="1.4"'),
    ...arrows,
    label(axis.toX + 12, height + 44, '箭头为风的去向', { size: 12 }),
    label(axis.toX + 12, height + 60, 'arrows fly with the wind', { size: 12 }),
    legend(axis, [{ text: '混合层 mixed layer', color: '#41729f' }]),
  ].join('');
}
