// What a seed decides before anything runs: the world, the faults of the way, the engine's settings. Printed first.

import { streamOf, uniform } from '../../../simulator/world/random.ts';

export type MirrorFault = 'none' | 'fails' | 'slow' | 'busy' | 'refuses';

/** Where in a tick's exchange the process goes away. */
export interface Crash {
  readonly tick: number;
  /** `rows`: when this share of the tick's frames is sent; `tick`: before the tick is done; `done`: after it. */
  readonly phase: 'rows' | 'tick' | 'done';
  readonly share: number;
  /** Turns of the event loop in between: how far writes get. */
  readonly turns: number;
}

export interface Drawn {
  readonly seed: number;
  readonly stations: number;
  readonly feeds: number;
  readonly minutes: number;
  /** Stations send a row a second, and one feed brings 20,000 rows or more in one tick. */
  readonly isDense: boolean;
  readonly delayShare: number;
  readonly delayMaxMinutes: number;
  readonly duplicateShare: number;
  /** What was not sent meanwhile comes as a backlog. */
  readonly silent: { readonly station: number; readonly fromMinute: number; readonly toMinute: number };
  /** Its clock is a day ahead; -1: none. */
  readonly dayAhead: number;
  /** From this minute on the station's clock is off by that much. */
  readonly stepBack: { readonly station: number; readonly fromMinute: number; readonly byMs: number };
  readonly stepForward: { readonly station: number; readonly fromMinute: number; readonly byMs: number };
  readonly edition: 'cnemc' | 'hj633-2012' | 'hj633-2026';
  readonly spike: 'flag' | 'leave-out';
  readonly warmUp: 'flag' | 'leave-out';
  /** Undefined: there is no mirror. */
  readonly mirror: { readonly fault: MirrorFault; readonly share: number; readonly ticks: number } | undefined;
  /** Of the first run; the second has the other ones. */
  readonly rowsPerFrame: number;
  readonly json: boolean;
  /** Frames handed over between two turns of the event loop. */
  readonly framesPerTurn: number;
  /** Share of ticks in which a feed's connection is cut at some byte, of frames sent twice, of frames left out until asked for. */
  readonly cutShare: number;
  readonly resendShare: number;
  readonly gapShare: number;
  readonly crashes: readonly Crash[];
  readonly checkpointBytes: number;
  /** Share of ticks after which stores catch up. */
  readonly diskShare: number;
  readonly withDuckdb: boolean;
}

export const minuteMs = 60_000;
export const hourMs = 3_600_000;

export function draw(seed: number): Drawn {
  const from = (name: string, low: number, high: number) => low + Math.floor(uniform(seed, streamOf(name), 0) * (high - low + 1));
  const of = <T>(name: string, choices: readonly T[]): T => choices[from(name, 0, choices.length - 1)];
  const isDense = seed % 10 === 7;
  const stations = isDense ? 20 : from('sources', 2, 8);
  const withDuckdb = seed % 5 === 0;
  const minutes = isDense ? 30 : from('minutes', 60, withDuckdb ? 120 : 240);
  const fromMinute = from('silent from', 0, minutes);
  const fault = of<MirrorFault | undefined>('mirror', [undefined, 'none', 'fails', 'slow', 'busy', 'refuses']);
  return {
    seed,
    stations,
    feeds: from('feeds', 1, 4),
    minutes,
    isDense,
    delayShare: isDense ? 0.01 : from('delay share', 0, 60) / 100,
    delayMaxMinutes: of('delay', [1, 10, 100, 1_000, 72 * 60]),
    duplicateShare: from('duplicates', 0, 30) / 100,
    silent: { station: from('silent', 0, stations - 1), fromMinute, toMinute: fromMinute + from('silent for', 0, 180) },
    dayAhead: from('day ahead', 0, 3) === 0 ? stations - 1 : -1,
    // Not by whole minutes: a row a minute then never has a time that was there before.
    stepBack: {
      station: from('step back', 0, 2 * stations),
      fromMinute: from('step back at', 0, minutes),
      byMs: from('step back by', 0, 120) * minuteMs + 30_000,
    },
    stepForward: {
      station: from('step forward', 0, 2 * stations),
      fromMinute: from('step forward at', 0, minutes),
      byMs: of('step forward by', [2, 4, 20, 90]) * minuteMs + 15_000,
    },
    edition: of('edition', ['cnemc', 'hj633-2012', 'hj633-2026'] as const),
    spike: of('spike', ['leave-out', 'flag', 'flag'] as const),
    warmUp: of('warm-up', ['leave-out', 'flag'] as const),
    mirror: fault && { fault, share: of('mirror share', [0.2, 0.5, 0.9]), ticks: from('mirror ticks', 1, 20) },
    rowsPerFrame: isDense ? of('dense frame', [100, 1_000, 10_000]) : of('frame', [1, 2, 7, 100, 10_000]),
    json: from('format', 0, 1) === 0,
    framesPerTurn: of('speed', [1, 5, 50, 10_000]),
    cutShare: of('cuts', [0, 0.01, 0.05]),
    resendShare: of('sent twice', [0, 0.02, 0.2]),
    gapShare: of('left out', [0, 0, 0.01]),
    crashes: Array.from({ length: from('crashes', 0, 3) }, (_, i) => ({
      tick: Math.floor(uniform(seed, streamOf('crash'), i) * (minutes + 10)),
      phase: (['rows', 'tick', 'done'] as const)[Math.floor(uniform(seed, streamOf('crash phase'), i) * 3)],
      share: uniform(seed, streamOf('crash share'), i),
      turns: Math.floor(uniform(seed, streamOf('crash turns'), i) * 6),
    })).sort((a, b) => a.tick - b.tick),
    checkpointBytes: of('checkpoint', [4_000, 40_000, 1_000_000]),
    diskShare: of('disk', [0, 0.02, 0.2, 1]),
    withDuckdb,
  };
}
