// What a scenario does, as one picture: curves over time, its incidents and orders, and the city at its worst hours.

import { formatBeijing } from '../../../engine/domain/calendar.ts';
import type { Course } from '../episodeCourse.ts';
import { shortTime } from '../episodeText.ts';
import { curvePanels } from './curves.ts';
import { mapHeight, mapLegend, mapPanel, mapSize } from './map.ts';
import { escaped, group, label, rect } from './svg.ts';

const width = 1440;
const margin = 24;
const headHeight = 78;
/** Arrows and numbers below the last curve. */
const gap = 76;
const legendHeight = 130;

/** SVG text, light, with Chinese and English labels; made for its own size and for print. */
export function episodePicture(course: Course, seed: number): string {
  const curves = curvePanels(course, width);
  const mapTop = headHeight + curves.height + gap;
  const height = mapTop + mapHeight + legendHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif" font-size="13" fill="#222">`,
    `<title>${escaped(course.episode.title)}</title>`,
    rect(0, 0, width, height, '#fbfbf8'),
    head(course, seed),
    group(0, headHeight, curves.svg),
    ...mapsOf(course).map((map, i) => group(margin + i * (mapSize + 32), mapTop, map)),
    group(margin, mapTop + mapHeight + 30, mapLegend(course)),
    '</svg>\n',
  ].join('\n');
}

function head({ episode, register }: Course, seed: number): string {
  const { startMs, durationMs, id, title } = episode;
  const minute = (ms: number) => formatBeijing(ms).slice(0, 16).replace('T', ' ');
  const dates = `${minute(startMs)} – ${minute(startMs + durationMs)}`;
  const line = `${id} · ${register.city.zh} ${register.city.en} · 北京时间 Beijing time ${dates} · seed ${seed}`;
  return label(margin, 38, title, { size: 24, bold: true }) + label(margin, 62, line, { size: 14, color: '#555' });
}

/** One map where both peaks fall into the same hour. */
function mapsOf(course: Course): readonly string[] {
  const { cityPeak, placePeak, stations } = course;
  const city = mapPanel(course, cityPeak, `全市峰值时刻 The city's worst hour: ${shortTime(cityPeak.startMs)}`);
  if (cityPeak.startMs === placePeak.startMs) return [city];
  const { zh, id } = stations[placePeak.worstStation];
  const title = `单站最突出时刻 A station stands out most: ${shortTime(placePeak.startMs)}, ${zh} ${id}`;
  return [city, mapPanel(course, placePeak, title)];
}
