// A mirrored database that outlives the engine, and what may be wrong with it.

import { sinkError } from '../../../engine/edge/store/sinkError.ts';
import type { Point, Sink } from '../../../engine/pipeline/ports.ts';
import { streamOf, uniform } from '../../../simulator/world/random.ts';
import type { Drawn } from './draw.ts';

export interface Database {
  readonly points: ReadonlyMap<string, string>;
  /** A writer of its own for each life of the engine. */
  sink(): { readonly sink: Sink; readonly sleep: (ms: number) => Promise<void>; kill(): void };
  /** A tick of the episode: who waits for an answer may get it. */
  beat(): void;
  /** From now on it takes everything at once. */
  calm(): void;
  readonly problems: readonly string[];
}

export const keyOf = ({ measurement, tags, timestampMs }: Point) => `${measurement} ${tags.source} ${timestampMs}`;

/** Points that the database will never take. */
export function isRefused(drawn: Drawn, key: string): boolean {
  return drawn.mirror?.fault === 'refuses' && uniform(drawn.seed, streamOf(key), 0) < 0.02;
}

const retryAfterS = 7;

export function database(drawn: Drawn): Database {
  const points = new Map<string, string>();
  const problems: string[] = [];
  const { fault, share, ticks: ticksMax } = drawn.mirror ?? { fault: 'none', share: 0, ticks: 0 };
  let isCalm = false;
  let writes = 0;
  let waiting: { ticks: number; readonly go: () => void }[] = [];

  function answers(): Promise<void> | undefined {
    if (isCalm || fault !== 'slow') return undefined;
    const ticks = 1 + Math.floor(uniform(drawn.seed, streamOf('answer'), writes) * ticksMax);
    return new Promise((go) => waiting.push({ ticks, go }));
  }

  function release(areDue: (ticks: number) => boolean): void {
    const due = waiting.filter(({ ticks }) => areDue(ticks));
    waiting = waiting.filter(({ ticks }) => !areDue(ticks));
    for (const { go } of due) go();
  }

  return {
    points,
    problems,
    sink() {
      let isDead = false;
      /** The pause that was asked for. */
      let askedMs = 0;
      const put = (some: readonly Point[]) => {
        for (const point of some) points.set(keyOf(point), JSON.stringify([point.tags, point.fields]));
      };
      const dead = () => Object.assign(new Error('the engine is gone'), { code: 'retry' });
      const sink: Sink = {
        name: 'vopr',
        async write(given) {
          if (isDead) throw dead();
          if (askedMs > 0) problems.push('the mirror is asked again before the time that it has named');
          writes += 1;
          await answers();
          if (isDead) throw dead();
          if (given.some((point) => isRefused(drawn, keyOf(point))))
            throw sinkError('vopr', { statusCode: 400, body: 'a bad point' });
          const isFailing = !isCalm && uniform(drawn.seed, streamOf('mirror fails'), writes) < share;
          if (isFailing && fault === 'busy') {
            askedMs = retryAfterS * 1_000;
            throw sinkError('vopr', { statusCode: 429, headers: { 'retry-after': String(retryAfterS) }, body: 'too many' });
          }
          if (isFailing && fault === 'fails') {
            put(given.slice(0, given.length >> 1)); // a write that fails may have been taken in part
            throw sinkError('vopr', { statusCode: 500, body: 'it fails' });
          }
          put(given);
        },
        async close() {},
      };
      return {
        sink,
        async sleep(ms) {
          if (ms >= askedMs) askedMs = 0;
          await new Promise(setImmediate);
        },
        kill() {
          isDead = true;
          release(() => true);
        },
      };
    },
    beat() {
      for (const each of waiting) each.ticks -= 1;
      release((ticks) => ticks <= 0);
    },
    calm() {
      isCalm = true;
      release(() => true);
    },
  };
}
