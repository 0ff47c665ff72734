// The chart: any stations, one pollutant or the index, live and from history, with the bands of the index behind.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { aqiClasses, editionAt } from '../../engine/domain/aqi.ts';
import { table2012, table2026 } from '../../engine/domain/aqiTables.ts';
import type { LiveMessage } from '../../engine/schema/live.ts';
import { type WindowSize, windowMs } from '../../engine/schema/window.ts';
import { getSeries } from '../live/api.ts';
import { clockText, valueText } from '../model/format.ts';
import { plotColumns, type Series, sizeFor, withPoints } from '../model/plotColumns.ts';
import { language, live, metric, nameOf, onMessages, picked, stations, t, theme, togglePicked } from '../store.ts';
import { pollutantName, pollutants, pollutantUnit } from './airText.ts';

const colors = ['#1e88e5', '#e53935', '#43a047', '#fb8c00', '#8e24aa', '#00acc1', '#6d4c41', '#d81b60'];
const metrics = ['aqi', ...pollutants];
const spans = [1, 6, 24, 72] as const;
const hourMs = 3_600_000;
const pointsMax = 20_000;

interface View {
  readonly fromMs: number;
  readonly toMs: number;
  /** It ends at the present and moves on with it. */
  readonly isLive: boolean;
}

/** Upper edges of the classes in the unit of the series; hourly PM goes by the daily column, as in the 2026 edition. */
function bandEdges(id: string, atMs: number): number[] {
  if (id === 'aqi') return aqiClasses.map((each) => Math.min(each.max, 500));
  const table = editionAt(atMs) === 'hj633-2026' ? table2026 : table2012;
  const column =
    id === 'pm25'
      ? table.pm25_24h
      : id === 'pm10'
        ? table.pm10_24h
        : table[`${id}_1h` as 'so2_1h' | 'no2_1h' | 'co_1h' | 'o3_1h'];
  return column.slice(1, 7);
}

function drawBands(plot: uPlot, id: string): void {
  const { ctx, bbox } = plot;
  const edges = bandEdges(id, (plot.scales.x.max ?? 0) * 1000);
  let bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.globalAlpha = theme.value === 'dark' ? 0.16 : 0.12;
  for (let i = 0; i < aqiClasses.length; i++) {
    const edge = i < edges.length - 1 || id === 'aqi' ? edges[i] : Number.POSITIVE_INFINITY;
    const top =
      Number.isFinite(edge) && i < aqiClasses.length - 1 ? Math.max(bbox.top, plot.valToPos(edge, 'y', true)) : bbox.top;
    if (top < bottom) {
      ctx.fillStyle = aqiClasses[i].hex;
      ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
      bottom = top;
    }
    if (bottom <= bbox.top) break;
  }
  ctx.restore();
}

export function Chart() {
  const host = useRef<HTMLDivElement>(null);
  const view = useSignal<View>({ fromMs: 0, toMs: 0, isLive: true });
  const spanMs = useSignal<number>(6 * hourMs);
  const status = useSignal<'idle' | 'loading' | 'failed'>('idle');
  const size = useSignal<WindowSize>('1m');
  const series = useSignal<readonly Series[]>([]);
  const problem = useSignal('');
  const hasTime = live.value.nowMs !== null;
  const chosen = picked.value.join(',');

  // History: again whenever what is looked at changes; an answer that comes too late is dropped.
  useEffect(() => {
    if (!hasTime || chosen === '') {
      series.value = [];
      return;
    }
    const abort = new AbortController();
    const nowMs = live.value.nowMs as number;
    const shown = view.value.isLive ? { fromMs: nowMs - spanMs.value, toMs: nowMs + windowMs['1h'] } : view.value;
    const width = host.current?.clientWidth ?? 800;
    size.value = metric.value === 'aqi' ? '1h' : sizeFor(shown.toMs - shown.fromMs, width);
    status.value = 'loading';
    const margin = (shown.toMs - shown.fromMs) / 2;
    const timer = setTimeout(() => {
      getSeries(
        {
          sources: chosen.split(','),
          metric: metric.value,
          size: size.value,
          fromMs: shown.fromMs - margin,
          toMs: shown.toMs + margin,
        },
        abort.signal,
      )
        .then((answer) => {
          series.value = answer.series;
          status.value = 'idle';
        })
        .catch((error: Error) => {
          if (abort.signal.aborted) return;
          problem.value = error.message;
          status.value = 'failed';
        });
    }, 120);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [hasTime, chosen, metric.value, view.value, spanMs.value]);

  // Live: closed windows of the shown size are added, revisions replace.
  useEffect(
    () =>
      onMessages((messages: readonly LiveMessage[]) => {
        for (const message of messages) {
          if (
            message.type === 'windows' &&
            message.columns.kind === 'air' &&
            message.size === size.value &&
            metric.value !== 'aqi'
          ) {
            const { sources, eventMs, values } = message.columns;
            addPoints(sources.map((source, i) => ({ source, startMs: eventMs[i], value: values[metric.value]?.[i] ?? null })));
          } else if (message.type === 'hours' && metric.value === 'aqi') {
            addPoints(
              message.hours
                .filter((hour) => hour.scope === 'station')
                .map((hour) => ({ source: hour.place, startMs: hour.startMs, value: hour.aqi })),
            );
          }
        }
      }),
    [],
  );

  function addPoints(
    points: readonly { readonly source: string; readonly startMs: number; readonly value: number | null }[],
  ): void {
    const own = points.filter(({ source }) => series.value.some((each) => each.source === source));
    if (own.length === 0) return;
    series.value = series.value.map((each) =>
      withPoints(
        each,
        own.filter(({ source }) => source === each.source),
        pointsMax,
      ),
    );
  }

  const plot = useRef<uPlot | undefined>(undefined);
  const layout = `${series.value.map((each) => each.source).join(',')} ${metric.value} ${language.value} ${theme.value}`;

  // The plot itself is made anew only when its lines change.
  useEffect(() => {
    const element = host.current;
    if (element === null || series.value.length === 0) return;
    const ink = getComputedStyle(element).color;
    const grid = { stroke: theme.value === 'dark' ? '#ffffff18' : '#00000014' };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: 380,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Asia/Shanghai'),
        cursor: { drag: { x: true, y: false } },
        legend: { live: true },
        scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, Math.max(10, (max ?? 0) * 1.1)] } },
        axes: [
          {
            stroke: ink,
            grid,
            values: [
              [3600 * 24, '{MM}-{DD}', null, null, null, null, null, null, 1],
              [60, '{HH}:{mm}', '\n{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
            ],
          },
          { stroke: ink, grid, label: `${pollutantName(metric.value)} ${pollutantUnit(metric.value)}`, size: 60 },
        ],
        series: [
          { label: t('time'), value: (_plot, seconds) => (seconds === null ? '—' : clockText(seconds * 1000)) },
          ...series.value.map((each, i) => ({
            label: stationName(each.source),
            stroke: colors[i % colors.length],
            width: 1.6,
            value: (_plot: uPlot, value: number | null) => `${valueText(value, metric.value)} ${pollutantUnit(metric.value)}`,
          })),
        ],
        hooks: {
          drawClear: [(drawn) => drawBands(drawn, metric.value)],
          draw: [showNewest],
          setCursor: [showNewest],
          setSelect: [
            (drawn) => {
              if (drawn.select.width < 4) return;
              look(
                drawn.posToVal(drawn.select.left, 'x') * 1000,
                drawn.posToVal(drawn.select.left + drawn.select.width, 'x') * 1000,
              );
            },
          ],
        },
      },
      plotColumns(series.value, windowMs[size.value]) as uPlot.AlignedData,
      element,
    );
    plot.current = made;
    addGestures(made, look, toLive);
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: 380 }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [layout]);

  // New points, or time goes on: the same plot draws again.
  useEffect(() => {
    const made = plot.current;
    if (made === undefined) return;
    made.setData(plotColumns(series.value, windowMs[size.value]) as uPlot.AlignedData, false);
    const nowMs = live.value.nowMs as number;
    const { isLive, fromMs, toMs } = view.value;
    made.setScale(
      'x',
      isLive ? { min: (nowMs - spanMs.value) / 1000, max: nowMs / 1000 } : { min: fromMs / 1000, max: toMs / 1000 },
    );
  }, [series.value, view.value, spanMs.value, live.value.nowMs, layout]);

  function stationName(id: string): string {
    const found = stations.value.find((station) => station.id === id);
    return found === undefined ? id : nameOf(found);
  }

  function look(fromMs: number, toMs: number): void {
    if (toMs - fromMs < 60_000) return;
    view.value = { fromMs, toMs, isLive: false };
  }

  function toLive(): void {
    view.value = { ...view.value, isLive: true };
  }

  const isEmpty = status.value === 'idle' && series.value.every((each) => each.startMs.length === 0);
  return (
    <section class="card chart" data-testid="chart">
      <div class="toolbar">
        <h2>{t('chart')}</h2>
        {metrics.map((id) => (
          <button
            type="button"
            key={id}
            data-testid={`metric-${id}`}
            aria-pressed={metric.value === id}
            onClick={() => {
              metric.value = id;
            }}
          >
            {pollutantName(id)}
          </button>
        ))}
        <span class="spacer" />
        {spans.map((hours) => (
          <button
            type="button"
            key={hours}
            aria-pressed={view.value.isLive && spanMs.value === hours * hourMs}
            onClick={() => {
              spanMs.value = hours * hourMs;
              toLive();
            }}
          >
            {hours < 48 ? `${hours} h` : `${hours / 24} d`}
          </button>
        ))}
        {view.value.isLive ? null : (
          <button type="button" class="live" onClick={toLive}>
            {t('toLive')}
          </button>
        )}
      </div>
      <div class="chips">
        {picked.value.map((id) => (
          <button type="button" key={id} aria-label={`${t('remove')} ${stationName(id)}`} onClick={() => togglePicked(id)}>
            {stationName(id)} ×
          </button>
        ))}
        <span class="note" role="status">
          {status.value === 'loading'
            ? t('loading')
            : status.value === 'failed'
              ? `${t('loadFailed')}: ${problem.value}`
              : picked.value.length > 0 && isEmpty
                ? t('noData')
                : `${t('resolution')} ${size.value}`}
        </span>
      </div>
      {picked.value.length === 0 ? <p class="empty">{t('pickStation')}</p> : null}
      <div ref={host} class="plot" data-testid="legend" />
      <p class="hint">{t('zoomHint')}</p>
    </section>
  );
}

/** While the cursor is elsewhere the legend shows the newest values. */
function showNewest(plot: uPlot): void {
  if ((plot.cursor.left ?? -1) < 0) plot.setLegend({ idx: newestIndex(plot.data) }, false);
}

/** The last point that any line has. */
function newestIndex(data: uPlot.AlignedData): number {
  for (let i = data[0].length - 1; i > 0; i--) {
    for (let column = 1; column < data.length; column++) if (data[column][i] !== null) return i;
  }
  return 0;
}

/** Wheel scales around the cursor, shift-drag pans, double-click goes back to live. */
function addGestures(plot: uPlot, look: (fromMs: number, toMs: number) => void, toLive: () => void): void {
  const over = plot.over;
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
      const move = (moved: MouseEvent) => {
        const shift = ((startX - moved.clientX) / over.clientWidth) * (toMs - fromMs);
        plot.setScale('x', { min: (fromMs + shift) / 1000, max: (toMs + shift) / 1000 });
      };
      const end = () => {
        document.removeEventListener('mousemove', move);
        look(...range());
      };
      document.addEventListener('mousemove', move);
      document.addEventListener('mouseup', end, { once: true });
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
}
