// The chart: any stations and pollutants, live and from history.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type History, loadHistory, pointsMax } from '../live/history.ts';
import { type LivePoint, livePoints, withLivePoints } from '../model/livePoints.ts';
import { isRemarkable } from '../model/notes.ts';
import { earliestMs, gapMsOf, plotColumns, type ShownSize } from '../model/plotColumns.ts';
import {
  language,
  live,
  metrics,
  nameOf,
  onMessages,
  picked,
  snapshots,
  stations,
  t,
  theme,
  toggleMetric,
  togglePicked,
} from '../store.ts';
import { pollutantName, pollutants } from './airText.ts';
import { noteText } from './noteText.ts';
import { type LineLook, type PlotView, plotView } from './plotView.ts';

const colors = {
  light: ['#1e88e5', '#e53935', '#2e7d32', '#ef6c00', '#8e24aa', '#00838f', '#6d4c41', '#d81b60'],
  dark: ['#4dabff', '#ff6b66', '#6fdc78', '#ffb04d', '#d48cff', '#4dd8e8', '#c9a393', '#ff7ab0'],
};
const dashes: readonly (number[] | undefined)[] = [undefined, [8, 4], [2, 3], [10, 3, 2, 3]];
const hourMs = 3_600_000;
const minuteMs = 60_000;
const spanMsMax = 400 * 24 * hourMs;
const spans = [1, 6, 24, 72, Number.POSITIVE_INFINITY] as const;
const sizes = ['auto', 'raw', '1m', '5m', '1h'] as const;

interface View {
  readonly fromMs: number;
  readonly toMs: number;
  /** It ends at the present and moves on with it. */
  readonly isLive: boolean;
}

const nothing: History = { size: '1m', series: [] };

export function Chart() {
  const host = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLDivElement>(null);
  const plot = useRef<PlotView | undefined>(undefined);
  /** Points that came while history was on its way; null while nothing is. */
  const early = useRef<LivePoint[] | null>(null);
  const view = useSignal<View>({ fromMs: 0, toMs: 0, isLive: true });
  /** Infinity = all there is. */
  const spanMs = useSignal<number>(6 * hourMs);
  const size = useSignal<(typeof sizes)[number]>('auto');
  const status = useSignal<'idle' | 'loading' | 'failed'>('idle');
  const problem = useSignal('');
  const attempts = useSignal(0);
  const history = useSignal<History>(nothing);
  const hasTime = live.value.nowMs !== null;
  const chosen = picked.value.join(',');
  const wantedMetrics = metrics.value.join(',');

  // History: again whenever what is looked at changes; an answer that comes too late is dropped.
  useEffect(() => {
    if (!hasTime || chosen === '') {
      history.value = nothing;
      status.value = 'idle';
      return;
    }
    const abort = new AbortController();
    status.value = 'loading';
    early.current = [];
    const timer = setTimeout(() => {
      const nowMs = live.value.nowMs as number;
      const { isLive, fromMs, toMs } = view.value;
      const margin = isLive ? 0 : (toMs - fromMs) / 2;
      loadHistory(
        {
          sources: chosen.split(','),
          metrics: wantedMetrics.split(','),
          size: size.value,
          fromMs: isLive ? (Number.isFinite(spanMs.value) ? nowMs - spanMs.value - hourMs : null) : fromMs - margin,
          toMs: isLive ? nowMs + hourMs : toMs + margin,
          spanMs: isLive ? spanMs.value : toMs - fromMs,
          pixels: host.current?.clientWidth ?? 800,
        },
        abort.signal,
      )
        .then((answer) => {
          history.value = { ...answer, series: withLivePoints(answer.series, early.current ?? [], pointsMax) };
          early.current = null;
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
  }, [hasTime, chosen, wantedMetrics, size.value, view.value, spanMs.value, snapshots.value, attempts.value]);

  // Live: rows or closed windows of the shown size are added, revisions replace.
  useEffect(
    () =>
      onMessages((messages) => {
        const shown = { sources: picked.value, metrics: metrics.value, size: history.value.size };
        const points = messages.flatMap((message) => livePoints(message, shown));
        early.current?.push(...points);
        const series = withLivePoints(history.value.series, points, pointsMax);
        if (series !== history.value.series) history.value = { ...history.value, series };
      }),
    [],
  );

  const { series } = history.value;
  const layout = [...series.map((each) => `${each.source} ${each.metric}`), language.value, theme.value].join();

  // The plot itself is made anew only when its lines change.
  useEffect(() => {
    if (host.current === null || legend.current === null || series.length === 0) return;
    plot.current = plotView({
      host: host.current,
      legend: legend.current,
      lines: linesOf(history.value),
      isDark: theme.value === 'dark',
      timeLabel: t('time'),
      noteAt: (line, ms) => noteText(history.value.series[line]?.notes?.get(ms), language.value),
      hasDot: (line, ms) => isRemarkable(history.value.series[line]?.notes?.get(ms)),
      look,
      toLive,
    });
    return () => {
      plot.current?.destroy();
      plot.current = undefined;
      legend.current?.replaceChildren();
    };
  }, [layout]);

  useEffect(() => {
    const lines = series.map(({ metric, startMs, mean }) => ({
      startMs,
      mean: mean.map((value) => (value !== null && value < 0 ? 0 : value)),
      gapMs: gapMsOf(metric === 'aqi' ? '1h' : history.value.size, startMs),
    }));
    plot.current?.setColumns(plotColumns(lines));
    setRange();
  }, [series, layout]);

  useEffect(setRange, [view.value, spanMs.value, live.value.nowMs]);

  function setRange(): void {
    const { isLive, fromMs, toMs } = view.value;
    if (!isLive) {
      plot.current?.setRange(fromMs, toMs);
      return;
    }
    const nowMs = live.value.nowMs ?? 0;
    const firstMs = Math.min(nowMs - hourMs, ...history.value.series.map(({ startMs }) => startMs[0] ?? nowMs));
    plot.current?.setRange(Number.isFinite(spanMs.value) ? nowMs - spanMs.value : firstMs, nowMs);
  }

  function look(fromMs: number, toMs: number): void {
    if (toMs - fromMs >= minuteMs && toMs - fromMs <= spanMsMax) view.value = { fromMs, toMs, isLive: false };
  }

  function toLive(): void {
    if (!view.value.isLive) view.value = { ...view.value, isLive: true };
  }

  function statusText(): string {
    if (status.value === 'loading') return t('loading');
    if (status.value === 'failed') return `${t('loadFailed')}: ${problem.value}`;
    if (picked.value.length > 0 && series.every(({ startMs }) => startMs.length === 0)) return t('noData');
    const shown = `${t('resolution')} ${sizeText(history.value.size)}`;
    return isCut(history.value.size) ? `${shown} (${t('newestOnly')})` : shown;
  }

  /** More is looked at than the chart may hold at this size. */
  function isCut(shown: ShownSize): boolean {
    const { isLive, fromMs, toMs } = view.value;
    const lookedMs = isLive ? spanMs.value : toMs - fromMs;
    return Number.isFinite(lookedMs) && lookedMs > -earliestMs(shown, 0, pointsMax);
  }

  return (
    <section class="card chart" data-testid="chart">
      <div class="toolbar">
        <h2>{t('chart')}</h2>
        <fieldset aria-label={t('pollutants')}>
          {['aqi', ...pollutants].map((id) => (
            <button
              type="button"
              key={id}
              data-testid={`metric-${id}`}
              aria-pressed={metrics.value.includes(id)}
              onClick={() => toggleMetric(id)}
            >
              {pollutantName(id)}
            </button>
          ))}
        </fieldset>
        <span class="spacer" />
        <fieldset aria-label={t('span')}>
          {spans.map((hours) => (
            <button
              type="button"
              key={hours}
              data-testid={`span-${hours}`}
              aria-pressed={view.value.isLive && spanMs.value === hours * hourMs}
              onClick={() => {
                spanMs.value = hours * hourMs;
                toLive();
              }}
            >
              {Number.isFinite(hours) ? (hours < 48 ? `${hours} h` : `${hours / 24} d`) : t('all')}
            </button>
          ))}
        </fieldset>
        <select
          aria-label={t('resolution')}
          data-testid="size"
          value={size.value}
          onChange={(event) => {
            size.value = event.currentTarget.value as (typeof sizes)[number];
          }}
        >
          {sizes.map((each) => (
            <option key={each} value={each}>
              {sizeText(each)}
            </option>
          ))}
        </select>
        {view.value.isLive ? null : (
          <button type="button" class="live" data-testid="to-live" onClick={toLive}>
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
        <span class={`note ${status.value}`} role="status" data-testid="chart-status">
          {statusText()}
        </span>
        {status.value === 'failed' ? (
          <button
            type="button"
            onClick={() => {
              attempts.value += 1;
            }}
          >
            {t('retry')}
          </button>
        ) : null}
      </div>
      {picked.value.length === 0 ? <p class="empty">{t('pickStation')}</p> : null}
      <div ref={host} class="plot" />
      <div ref={legend} class="legend" data-testid="legend" />
      <p class="hint">{t('zoomHint')}</p>
    </section>
  );
}

function sizeText(size: (typeof sizes)[number]): string {
  return size === 'auto' || size === 'raw' ? t(size) : size;
}

function stationName(id: string): string {
  const found = stations.value.find((station) => station.id === id);
  return found === undefined ? id : nameOf(found);
}

/** Several stations: a colour each, a dash per pollutant. One station: a colour per pollutant. */
function linesOf({ series }: History): LineLook[] {
  const sources = [...new Set(series.map(({ source }) => source))];
  const ids = [...new Set(series.map(({ metric }) => metric))];
  const palette = colors[theme.value];
  return series.map(({ source, metric }) => {
    const colorIndex = sources.length > 1 ? sources.indexOf(source) : ids.indexOf(metric);
    return {
      metric,
      label: ids.length > 1 ? `${stationName(source)} ${pollutantName(metric)}` : stationName(source),
      color: palette[colorIndex % palette.length],
      dash: sources.length > 1 ? dashes[ids.indexOf(metric) % dashes.length] : undefined,
    };
  });
}
