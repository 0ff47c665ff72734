// Detections of cameras that are of one fire or plume, put together in order of event time.

import type { LoggedEvent } from './eventLog.ts';
import {
  apart,
  apartInView,
  type CameraErrors,
  crossed,
  type Fix,
  firstView,
  fixOf,
  type Look,
  type View,
  withLook,
} from './sightings.ts';

export interface Detection extends LoggedEvent, Look {
  readonly isFire: boolean;
  readonly confidence: number;
}

/** What one camera has seen of it. */
export interface Seen extends View {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly fires: number;
  readonly confidence: number;
}

/** Plain data; never changed, only replaced. */
export interface Smoke {
  /** Id of its first row: its name. */
  readonly id: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly views: readonly Seen[];
  readonly fix: Fix;
}

export interface SmokeOptions extends CameraErrors {
  /** Longer without a detection: another fire. */
  readonly gapMs: number;
}

/** Three standard deviations in two dimensions. */
const sameBelow = 11.8;

export const looksOf = ({ views }: Smoke): number => views.reduce((sum, { looks }) => sum + looks, 0);
export const firesOf = ({ views }: Smoke): number => views.reduce((sum, { fires }) => sum + fires, 0);
export const confidenceOf = ({ views }: Smoke): number => views.reduce((most, each) => Math.max(most, each.confidence), 0);

/** The detection joins what it fits best, or begins something new. In the order of their beginning. */
export function withDetection(smokes: readonly Smoke[], detection: Detection, options: SmokeOptions): readonly Smoke[] {
  const own = fixOf(firstView(detection), options);
  let best = -1;
  let least: number = sameBelow;
  smokes.forEach((smoke, i) => {
    if (detection.eventMs - smoke.lastMs > options.gapMs) return;
    const view = smoke.views.find(({ camera }) => camera === detection.camera);
    const distance = view === undefined ? apart(own, smoke.fix) : apartInView(view, detection, options);
    if (distance >= least) return;
    least = distance;
    best = i;
  });
  if (best < 0) return [...smokes, begun(detection, own)];
  const grown = joined(smokes[best], detection, options);
  return merged(
    smokes.map((smoke, i) => (i === best ? grown : smoke)),
    grown,
    options,
  );
}

const seenOnce = (detection: Detection): Seen => ({
  ...firstView(detection),
  firstMs: detection.eventMs,
  lastMs: detection.eventMs,
  fires: detection.isFire ? 1 : 0,
  confidence: detection.confidence,
});

function begun(detection: Detection, fix: Fix): Smoke {
  return { id: detection.id, firstMs: detection.eventMs, lastMs: detection.eventMs, views: [seenOnce(detection)], fix };
}

function joined(smoke: Smoke, detection: Detection, options: SmokeOptions): Smoke {
  const isKnown = smoke.views.some(({ camera }) => camera === detection.camera);
  const again = (view: Seen): Seen => ({
    ...view,
    ...withLook(view, detection),
    lastMs: detection.eventMs,
    fires: view.fires + (detection.isFire ? 1 : 0),
    confidence: Math.max(view.confidence, detection.confidence),
  });
  const views = isKnown
    ? smoke.views.map((view) => (view.camera === detection.camera ? again(view) : view))
    : [...smoke.views, seenOnce(detection)];
  return { ...smoke, lastMs: detection.eventMs, views, fix: crossed(views, options) };
}

/** Better known places may show that two were one: if no camera has seen both apart. */
function merged(smokes: readonly Smoke[], grown: Smoke, options: SmokeOptions): readonly Smoke[] {
  const isSame = (other: Smoke) =>
    other !== grown &&
    grown.lastMs - other.lastMs <= options.gapMs &&
    !other.views.some(({ camera }) => grown.views.some((view) => view.camera === camera)) &&
    apart(other.fix, grown.fix) < sameBelow;
  const twin = smokes.find(isSame);
  if (twin === undefined) return smokes;
  const [older, younger] = smokes.indexOf(twin) < smokes.indexOf(grown) ? [twin, grown] : [grown, twin];
  const views = [...older.views, ...younger.views];
  const one: Smoke = {
    ...older,
    lastMs: Math.max(older.lastMs, younger.lastMs),
    views,
    fix: crossed(views, options),
  };
  return smokes.flatMap((smoke) => (smoke === older ? [one] : smoke === younger ? [] : [smoke]));
}
