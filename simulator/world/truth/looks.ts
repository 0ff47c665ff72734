// When cameras can be expected to have reported a fire or smoke: the key's rule for cameras, without the noise of their looks.

import type { CityState, Visible, Weather } from '../cityState.ts';
import { type CameraPlace, cameraOptions, clearConfidence, findChance } from '../sensors/camera.ts';

const middle = ([low, high]: readonly [number, number]) => (low + high) / 2;

/** Two looks of one camera or of several: false alarms come alone (domain report 4.5 [P]: two-stage confirmation). */
export const cameraRule = { looks: 2, chance: 0.5 } as const;

export interface Views {
  step(state: CityState): void;
  /** By the id of what is visible: cameras that have it in range, and since when two looks are likelier than not; null: never. */
  readonly seen: ReadonlyMap<string, { readonly sources: readonly string[]; readonly fromMs: number | null }>;
}

interface View {
  readonly id: string;
  readonly distanceKm: number;
  readonly rangeKm: number;
  /** That it finds it at all. */
  readonly chance: number;
  /** So far, if it finds it. */
  looks: number;
  nextMs: number;
}

/** Cameras take the middle of their times. */
export function expectLooks(cameras: readonly CameraPlace[]): Views {
  const views = new Map<string, readonly View[]>();
  const seen = new Map<string, { readonly sources: readonly string[]; readonly fromMs: number | null }>();

  function look(view: View, visible: Visible, weather: Weather, untilMs: number): void {
    while (view.nextMs < Math.min(untilMs, visible.endMs)) {
      view.nextMs += middle(cameraOptions.againMs);
      const isCertain = visible.detectShare !== undefined && view.chance === 1 && view.looks === 0;
      if (isCertain || clearConfidence(visible, view.distanceKm, view.rangeKm, weather) >= cameraOptions.confidenceMin)
        view.looks += 1;
    }
  }

  return {
    seen,
    step({ eventMs, stepMs, visible, weather }) {
      for (const each of visible) {
        const known = seen.get(each.id);
        if (known !== undefined && known.fromMs !== null) continue;
        const own = views.get(each.id) ?? viewsOf(each, cameras);
        views.set(each.id, own);
        if (own.length === 0) continue;
        for (const view of own) look(view, each, weather, eventMs + stepMs);
        const isLikely = (each.detectShare ?? 1) * chanceOfTwo(own) >= cameraRule.chance;
        seen.set(each.id, { sources: own.map(({ id }) => id), fromMs: isLikely ? eventMs + stepMs : null });
      }
    },
  };
}

function viewsOf(visible: Visible, cameras: readonly CameraPlace[]): readonly View[] {
  const { startMs, detectShare, detectDelayMs } = visible;
  return cameras
    .map(({ id, x, y, rangeM }) => {
      const [east, north] = [visible.x - x, visible.y - y];
      return { id, distanceKm: Math.sqrt(east * east + north * north) / 1000, rangeKm: rangeM / 1000 };
    })
    .filter(({ distanceKm, rangeKm }) => distanceKm <= rangeKm)
    .sort((a, b) => a.distanceKm - b.distanceKm)
    .map((view, rank) => {
      const isCertain = detectShare !== undefined && rank === 0;
      const own = middle(cameraOptions.delayMs);
      const delayMs = detectDelayMs === undefined ? own : isCertain ? detectDelayMs : detectDelayMs + own;
      const chance = isCertain ? 1 : findChance(visible.strength, view.distanceKm, view.rangeKm);
      return { ...view, chance, looks: 0, nextMs: startMs + delayMs };
    });
}

/** That the looks of those who find it are two at least. */
function chanceOfTwo(views: readonly View[]): number {
  let none = 1;
  let one = 0;
  for (const { chance, looks } of views) {
    if (looks === 0) continue;
    one = one * (1 - chance) + (looks === 1 ? none * chance : 0);
    none *= 1 - chance;
  }
  return 1 - none - one;
}
