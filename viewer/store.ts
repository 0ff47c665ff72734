// The state of the page as signals: what came live, what the person chose.

import { computed, signal } from '@preact/signals';
import type { AirHour, LiveMessage } from '../engine/schema/live.ts';
import { type City, type EngineState, getCity, getEngine, getStations } from './live/api.ts';
import { type ConnectionState, connect } from './live/connection.ts';
import { isOldHour } from './model/freshness.ts';
import { emptyState, hourKey, type LiveState, reduce } from './model/state.ts';
import { type Station, stationRows } from './model/stations.ts';
import { type Language, type TextKey, textOf } from './text.ts';

const stored = (key: string) => {
  try {
    return localStorage.getItem(`lantian ${key}`);
  } catch {
    return null; // storage may be forbidden: the choice then lasts as long as the page
  }
};
const store = (key: string, value: string) => {
  try {
    localStorage.setItem(`lantian ${key}`, value);
  } catch {
    // see above
  }
};

export const language = signal<Language>(stored('language') === 'en' ? 'en' : 'zh');
export const theme = signal<'dark' | 'light'>(
  (stored('theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) as 'dark' | 'light',
);
export const connection = signal<ConnectionState>({ kind: 'connecting' });
export const live = signal<LiveState>(emptyState);
export const city = signal<City | undefined>(undefined);
export const stations = signal<readonly Station[]>([]);
export const filterText = signal('');
export const filterDistrict = signal('');
/** Stations on the chart, in the order they were picked. */
export const picked = signal<readonly string[]>([]);
/** Pollutants on the chart, `aqi` among them; never empty. */
export const metrics = signal<readonly string[]>(['pm25']);
/** How the engine does; undefined while it does not answer. */
export const engine = signal<EngineState | undefined>(undefined);
export const isEngineShown = signal(false);
/** Grows with every snapshot: deltas may be missing before it, so the chart loads its history again. */
export const snapshots = signal(0);

const engineEveryMs = 5_000;
const pickedMax = 8;
const metricsMax = 4;

export const t = (key: TextKey, values?: Readonly<Record<string, string>>) => textOf(key, language.value, values);
export const nameOf = (named: { readonly zh: string; readonly en?: string }) =>
  language.value === 'zh' ? named.zh : (named.en ?? named.zh);

export const cityHour = computed(() => live.value.hours.get(hourKey('city', city.value?.city.code ?? '')));
/** The newest hour of a station or district, unless it is too old to stand for the present. */
export function freshHour(scope: AirHour['scope'], place: string): AirHour | undefined {
  const hour = live.value.hours.get(hourKey(scope, place));
  return hour === undefined || isOldHour(hour, live.value.nowMs) ? undefined : hour;
}

export const rows = computed(() =>
  stationRows(stations.value, (id) => freshHour('station', id), {
    text: filterText.value,
    district: filterDistrict.value,
  }),
);

export function toggleLanguage(): void {
  language.value = language.value === 'zh' ? 'en' : 'zh';
  store('language', language.value);
}

export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark';
  store('theme', theme.value);
}

/** Puts a station on the chart or takes it off; the oldest gives way when there are too many. */
export function togglePicked(id: string): void {
  const now = picked.value;
  picked.value = now.includes(id) ? now.filter((each) => each !== id) : [...now, id].slice(-pickedMax);
}

/** As with stations; the last one stays. */
export function toggleMetric(id: string): void {
  const now = metrics.value;
  if (!now.includes(id)) metrics.value = [...now, id].slice(-metricsMax);
  else if (now.length > 1) metrics.value = now.filter((each) => each !== id);
}

/** Listeners that want every message, such as the chart. */
const listeners = new Set<(messages: readonly LiveMessage[]) => void>();
export function onMessages(listener: (messages: readonly LiveMessage[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function start(): void {
  const load = async () => {
    [city.value, stations.value] = await Promise.all([getCity(), getStations().then((answer) => answer.sources)]);
    if (picked.value.length === 0 && stations.value.length > 0) picked.value = [stations.value[0].id];
  };
  const loadUntilDone = (pauseMs: number) => {
    load().catch(() => setTimeout(() => loadUntilDone(Math.min(10_000, pauseMs * 2)), pauseMs));
  };
  loadUntilDone(500);
  void watchEngine();
  connect({
    onState: (state) => {
      connection.value = state;
    },
    onMessages: (messages) => {
      live.value = messages.reduce(reduce, live.value);
      for (const listener of listeners) listener(messages);
      if (messages.some(({ type }) => type === 'snapshot')) snapshots.value += 1;
    },
  });
}

/** Asks as long as the page is looked at. */
async function watchEngine(): Promise<void> {
  if (!document.hidden) {
    engine.value = await getEngine(AbortSignal.timeout(engineEveryMs)).catch(() => undefined);
  }
  setTimeout(watchEngine, engineEveryMs);
}
