// The HTTP API of the engine.

import type { FlagsAnswer, HealthAnswer, SeriesAnswer, SourcesAnswer, WatermarksAnswer } from '../../engine/schema/live.ts';
import type { District } from '../../engine/schema/register.ts';

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(path, { signal });
  const body: unknown = await answer.json();
  if (!answer.ok) throw new Error((body as { error?: string }).error ?? `${answer.status}`);
  return body as T;
}

export interface City {
  readonly city: { readonly code: string; readonly zh: string; readonly en: string };
  readonly districts: readonly District[];
}

export const getCity = () => get<City>('api/register');
export const getStations = () => get<SourcesAnswer>('api/sources?kind=air');

export const getHealth = (signal: AbortSignal) => get<HealthAnswer>('api/health', signal);

/** How the engine does, for the operator. */
export interface EngineState {
  readonly health: HealthAnswer;
  readonly watermarks: WatermarksAnswer;
  readonly flags: FlagsAnswer;
}

export async function getEngine(signal: AbortSignal): Promise<EngineState> {
  const [health, watermarks, flags] = await Promise.all([
    getHealth(signal),
    get<WatermarksAnswer>('api/watermarks', signal),
    get<FlagsAnswer>('api/flags', signal),
  ]);
  return { health, watermarks, flags };
}

export function getSeries(
  query: {
    readonly sources: readonly string[];
    readonly metric: string;
    readonly size: string;
    readonly fromMs: number;
    readonly toMs: number;
  },
  signal: AbortSignal,
): Promise<SeriesAnswer> {
  const search = new URLSearchParams({
    kind: 'air',
    source: query.sources.join(','),
    metric: query.metric,
    size: query.size,
    from: String(Math.floor(query.fromMs)),
    to: String(Math.ceil(query.toMs)),
  });
  return get<SeriesAnswer>(`api/series?${search}`, signal);
}
