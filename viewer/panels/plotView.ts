// One uPlot: lines, axes, bands of the index behind, gestures. Made anew when its lines change, fed in between.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { bandsOf } from '../model/bands.ts';
import { clockText, secondText, valueText } from '../model/format.ts';
import { type Cell, lonePoints, type PlotColumns } from '../model/plotColumns.ts';
import { pollutantName, pollutantUnit } from './airText.ts';

export interface LineLook {
  readonly label: string;
  readonly metric: string;
  readonly color: string;
  readonly dash?: number[];
}

export interface PlotOptions {
  readonly host: HTMLElement;
  readonly legend: HTMLElement;
  readonly lines: readonly LineLook[];
  readonly isDark: boolean;
  readonly timeLabel: string;
  /** What is to be said about a point, in the language of the page; '' for most. */
  readonly noteAt: (line: number, ms: number) => string;
  /** It is marked by a dot. */
  readonly hasDot: (line: number, ms: number) => boolean;
  readonly look: (fromMs: number, toMs: number) => void;
  readonly toLive: () => void;
}

export interface PlotView {
  setColumns(columns: PlotColumns): void;
  setRange(fromMs: number, toMs: number): void;
  destroy(): void;
}

/** Lines of one unit share a scale. */
const scaleOf = (metric: string) => pollutantUnit(metric) || 'index';

export function plotView(options: PlotOptions): PlotView {
  const { host, lines, isDark } = options;
  const ink = getComputedStyle(host).color;
  const grid = { stroke: isDark ? '#ffffff18' : '#00000014' };
  const scales = [...new Set(lines.map(({ metric }) => scaleOf(metric)))];
  const metrics = [...new Set(lines.map(({ metric }) => metric))];
  const size = () => ({ width: host.clientWidth, height: Math.max(220, host.clientHeight) });

  const plot = new uPlot(
    {
      ...size(),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Asia/Shanghai'),
      cursor: { drag: { x: true, y: false } },
      legend: { live: true, mount: (_plot, element) => options.legend.replaceChildren(element) },
      scales: {
        x: { time: true },
        ...Object.fromEntries(
          scales.map((scale) => [
            scale,
            { range: (_plot: uPlot, min: number | null, max: number | null) => rangeOf(min, max, scale === 'mg/m³' ? 1 : 10) },
          ]),
        ),
      },
      axes: [
        {
          stroke: ink,
          grid,
          values: [
            [3600 * 24, '{MM}-{DD}', null, null, null, null, null, null, 1],
            [60, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
            [1, '{HH}:{mm}:{ss}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
          ],
        },
        ...scales.map((scale, i) => ({
          scale,
          side: i === 0 ? 3 : 1,
          stroke: ink,
          grid: { ...grid, show: i === 0 },
          size: 54,
          label: axisLabel(
            scale,
            metrics.filter((metric) => scaleOf(metric) === scale),
          ),
        })),
      ],
      series: [
        {
          label: options.timeLabel,
          value: (drawn, seconds) => (seconds === null ? '—' : timeText(drawn, seconds * 1000)),
        },
        ...lines.map(({ label, metric, color, dash }) => ({
          label,
          scale: scaleOf(metric),
          stroke: color,
          dash,
          width: 1.6,
          points: {
            filter: (drawn: uPlot, index: number, show: boolean) => (show ? null : dots(drawn, index)),
          },
          value: (drawn: uPlot, value: number | null, series: number, index: number | null) =>
            `${valueText(value, metric)} ${pollutantUnit(metric)}${value === null || index === null ? '' : options.noteAt(series - 1, msAt(drawn, index))}`,
        })),
      ],
      hooks: {
        drawClear: [(drawn) => metrics.length === 1 && drawBands(drawn, metrics[0], isDark)],
        draw: [showNewest],
        setCursor: [showNewest],
        setSelect: [
          (drawn) => {
            const { left, width } = drawn.select;
            if (width >= 4) options.look(drawn.posToVal(left, 'x') * 1000, drawn.posToVal(left + width, 'x') * 1000);
          },
        ],
      },
    },
    [[], ...lines.map(() => [])] as unknown as uPlot.AlignedData,
    host,
  );
  function msAt(drawn: uPlot, index: number): number {
    return Math.round(drawn.data[0][index] * 1000);
  }

  /** Points that no line reaches, and those about which something is to be said. */
  function dots(drawn: uPlot, series: number): number[] {
    const [from, to] = drawn.series[0].idxs ?? [0, drawn.data[0].length - 1];
    const column = drawn.data[series] as readonly Cell[];
    const noted = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i).filter(
      (i) => column[i] !== null && column[i] !== undefined && options.hasDot(series - 1, msAt(drawn, i)),
    );
    return [...new Set([...lonePoints(column, from, to), ...noted])].sort((a, b) => a - b);
  }

  const removeGestures = addGestures(plot, options);
  const resize = new ResizeObserver(() => plot.setSize(size()));
  resize.observe(host);

  return {
    setColumns: (columns) => plot.setData(columns as uPlot.AlignedData, false),
    setRange: (fromMs, toMs) => plot.setScale('x', { min: fromMs / 1000, max: toMs / 1000 }),
    destroy() {
      resize.disconnect();
      removeGestures();
      plot.destroy();
    },
  };
}

function rangeOf(min: number | null, max: number | null, atLeast: number): [number, number] {
  return [Math.min(0, (min ?? 0) * 1.1), Math.max(atLeast, (max ?? 0) * 1.1)];
}

function axisLabel(scale: string, metrics: readonly string[]): string {
  const names = metrics.map(pollutantName).join(' · ');
  return scale === 'index' ? names : `${names} (${scale})`;
}

/** Seconds matter only where raw rows are seen. */
function timeText(plot: uPlot, ms: number): string {
  const spanS = (plot.scales.x.max ?? 0) - (plot.scales.x.min ?? 0);
  return spanS <= 900 ? secondText(ms) : clockText(ms);
}

function drawBands(plot: uPlot, metric: string, isDark: boolean): void {
  const { ctx, bbox } = plot;
  let bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.globalAlpha = isDark ? 0.2 : 0.14;
  for (const { upTo, hex } of bandsOf(metric, (plot.scales.x.max ?? 0) * 1000)) {
    const edge = Number.isFinite(upTo) ? plot.valToPos(upTo, scaleOf(metric), true) : bbox.top;
    const top = Math.min(bottom, Math.max(bbox.top, edge));
    ctx.fillStyle = hex;
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    bottom = top;
    if (bottom <= bbox.top) break;
  }
  ctx.restore();
}

/** While the cursor is elsewhere the legend shows the newest value of each line. */
function showNewest(plot: uPlot): void {
  if ((plot.cursor.left ?? -1) >= 0) return;
  const newest = plot.data.slice(1).map((column) => lastIndex(column));
  plot.setLegend(
    { idxs: [Math.max(-1, ...newest.map((index) => index ?? -1)), ...newest].map((i) => (i === -1 ? null : i)) },
    false,
  );
}

function lastIndex(column: ArrayLike<number | null | undefined>): number | null {
  for (let i = column.length - 1; i >= 0; i--) if (column[i] !== null && column[i] !== undefined) return i;
  return null;
}

/** Wheel scales around the cursor, shift-drag pans, double-click goes back to live. */
function addGestures(plot: uPlot, { look, toLive }: Pick<PlotOptions, 'look' | 'toLive'>): () => void {
  const over = plot.over;
  const gone = new AbortController();
  const range = () => [(plot.scales.x.min ?? 0) * 1000, (plot.scales.x.max ?? 0) * 1000] as const;
  over.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const [fromMs, toMs] = range();
      const at = fromMs + (toMs - fromMs) * (event.offsetX / over.clientWidth);
      const factor = event.deltaY < 0 ? 0.75 : 1 / 0.75;
      look(at - (at - fromMs) * factor, at + (toMs - at) * factor);
    },
    { passive: false },
  );
  over.addEventListener(
    'mousedown',
    (event) => {
      if (!event.shiftKey) return;
      event.stopImmediatePropagation();
      const [fromMs, toMs] = range();
      const startX = event.clientX;
      const done = new AbortController();
      const signal = AbortSignal.any([gone.signal, done.signal]);
      const end = () => {
        done.abort();
        look(...range());
      };
      const move = (moved: MouseEvent) => {
        const shift = ((startX - moved.clientX) / over.clientWidth) * (toMs - fromMs);
        plot.setScale('x', { min: (fromMs + shift) / 1000, max: (toMs + shift) / 1000 });
      };
      document.addEventListener('mousemove', move, { signal });
      document.addEventListener('mouseup', end, { signal });
    },
    true,
  );
  over.addEventListener(
    'dblclick',
    (event) => {
      event.stopImmediatePropagation();
      toLive();
    },
    true,
  );
  return () => gone.abort();
}
