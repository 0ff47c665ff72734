// Marks of the weather in the answer key: fronts, stagnation, rain, fog, air from outside.

import type { CityState } from '../cityState.ts';
import type { Episode } from '../episode.ts';
import type { WeatherModel } from '../weather.ts';
import type { TruthRecord } from './record.ts';

const hourMs = 3_600_000;

/** Wind times mixing height, m²/s: below this for half a day the air stands [D]. */
const stagnantM2S = 700;
const spans = {
  stagnation: { leastMs: 12 * hourMs, joinMs: 6 * hourMs },
  rain: { leastMs: 0.5 * hourMs, joinMs: 2 * hourMs },
  fog: { leastMs: hourMs, joinMs: 2 * hourMs },
} as const;
type SpanKind = keyof typeof spans;

interface Open {
  fromMs: number;
  lastMs: number;
}

export interface WeatherMarks {
  step(state: CityState): void;
  records(endMs: number): readonly TruthRecord[];
}

export function makeWeatherMarks(weather: WeatherModel, episode: Episode): WeatherMarks {
  const open = new Map<SpanKind, Open>();
  const done: { readonly kind: SpanKind; readonly fromMs: number; readonly toMs: number }[] = [];

  function close(kind: SpanKind, { fromMs, lastMs }: Open): void {
    if (lastMs - fromMs >= spans[kind].leastMs) done.push({ kind, fromMs, toMs: lastMs });
    open.delete(kind);
  }

  function see(kind: SpanKind, isTrue: boolean, ms: number, stepMs: number): void {
    const span = open.get(kind);
    if (isTrue) {
      if (span === undefined) open.set(kind, { fromMs: ms, lastMs: ms + stepMs });
      else span.lastMs = ms + stepMs;
    } else if (span !== undefined && ms - span.lastMs >= spans[kind].joinMs) close(kind, span);
  }

  return {
    step({ eventMs, stepMs, weather: { windMps, mixingM, rainMmH, fog } }) {
      see('stagnation', windMps * mixingM < stagnantM2S, eventMs, stepMs);
      see('rain', rainMmH > 0.1, eventMs, stepMs);
      see('fog', fog === 1, eventMs, stepMs);
    },
    records(endMs) {
      for (const [kind, span] of open) close(kind, span);
      const mark = (kind: string, fromMs: number, toMs: number | null): TruthRecord => ({
        id: `${kind} ${new Date(fromMs).toISOString()}`,
        class: 'weather',
        kind,
        fromMs,
        toMs,
      });
      return [
        ...weather.fronts
          .filter((ms) => ms >= episode.startMs - episode.warmupMs && ms < endMs)
          .map((ms) => mark('front', ms, null)),
        ...done.map(({ kind, fromMs, toMs }) => mark(kind, fromMs, toMs)),
        ...episode.inflow
          .map(({ fromMs, toMs }) => ({ fromMs: episode.startMs + fromMs, toMs: episode.startMs + toMs }))
          .filter(({ fromMs }) => fromMs < endMs)
          .map(({ fromMs, toMs }) => mark('inflow', fromMs, toMs > endMs ? null : toMs)),
      ];
    },
  };
}
