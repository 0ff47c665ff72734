// Where a fire is, from bearings and ranges: each camera's look is a long thin ellipse, and two of them cross in a point.

import { type Point, squaredKm } from './plane.ts';

/** How wrong cameras are. */
export interface CameraErrors {
  /** Zero of the turntable, the same in all looks of one camera, and of each look beside it, degrees (standard deviations). */
  readonly headingDeg: number;
  readonly bearingDeg: number;
  /** Of a range of d km: (rangeShare + rangePerKm d) d, as it is judged by the angle below the horizon. */
  readonly rangeShare: number;
  readonly rangePerKm: number;
  /** Never nearer than this are two fires told apart, km. */
  readonly mergeKm: number;
}

export interface Look {
  readonly camera: string;
  readonly at: Point;
  readonly bearingDeg: number;
  readonly rangeKm: number;
}

/** All looks of one camera at one fire. */
export interface View {
  readonly camera: string;
  readonly at: Point;
  readonly looks: number;
  /** Of unit vectors, so that north is nothing special. */
  readonly sumSin: number;
  readonly sumCos: number;
  readonly sumRangeKm: number;
}

/** A point with its errors: covariance in km². */
export interface Fix extends Point {
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

const radians = Math.PI / 180;

export function firstView({ camera, at, bearingDeg, rangeKm }: Look): View {
  return {
    camera,
    at,
    looks: 1,
    sumSin: Math.sin(bearingDeg * radians),
    sumCos: Math.cos(bearingDeg * radians),
    sumRangeKm: rangeKm,
  };
}

export function withLook(view: View, look: Look): View {
  const { looks, sumSin, sumCos, sumRangeKm } = firstView(look);
  return {
    ...view,
    looks: view.looks + looks,
    sumSin: view.sumSin + sumSin,
    sumCos: view.sumCos + sumCos,
    sumRangeKm: view.sumRangeKm + sumRangeKm,
  };
}

export const bearingOf = ({ sumSin, sumCos }: View): number => (Math.atan2(sumSin, sumCos) / radians + 360) % 360;
export const rangeOf = ({ sumRangeKm, looks }: View): number => sumRangeKm / looks;

/** A third of the merge distance: so far apart are two of three sigma. */
const floorSq = ({ mergeKm }: CameraErrors) => (mergeKm * mergeKm) / 9;

function rangeSdSq(rangeKm: number, { rangeShare, rangePerKm }: CameraErrors): number {
  const sd = rangeKm * (rangeShare + rangePerKm * rangeKm);
  return sd * sd;
}

/** One camera alone: what many looks average out is theirs, the turntable's zero stays. */
export function fixOf(view: View, errors: CameraErrors): Fix {
  const bearing = Math.atan2(view.sumSin, view.sumCos);
  const rangeKm = rangeOf(view);
  const [east, north] = [Math.sin(bearing), Math.cos(bearing)];
  const floor = floorSq(errors);
  const along = rangeSdSq(rangeKm, errors) / view.looks + floor;
  const angle = errors.headingDeg * errors.headingDeg + (errors.bearingDeg * errors.bearingDeg) / view.looks;
  const across = rangeKm * rangeKm * angle * radians * radians + floor;
  return {
    x: view.at.x + rangeKm * east,
    y: view.at.y + rangeKm * north,
    xx: along * east * east + across * north * north,
    xy: (along - across) * east * north,
    yy: along * north * north + across * east * east,
  };
}

/** Several cameras: each counts by its errors (least squares of all). At least one view. */
export function crossed(views: readonly View[], errors: CameraErrors): Fix {
  let [xx, xy, yy, x, y] = [0, 0, 0, 0, 0];
  for (const view of views) {
    const fix = fixOf(view, errors);
    const det = fix.xx * fix.yy - fix.xy * fix.xy;
    const [ixx, ixy, iyy] = [fix.yy / det, -fix.xy / det, fix.xx / det];
    xx += ixx;
    xy += ixy;
    yy += iyy;
    x += ixx * fix.x + ixy * fix.y;
    y += ixy * fix.x + iyy * fix.y;
  }
  const det = xx * yy - xy * xy;
  return { x: (yy * x - xy * y) / det, y: (xx * y - xy * x) / det, xx: yy / det, xy: -xy / det, yy: xx / det };
}

/** Squared distance in standard deviations of both (Mahalanobis); 11.8 is passed by chance in 3 of 1,000 cases. */
export function apart(a: Fix, b: Fix): number {
  const [xx, xy, yy] = [a.xx + b.xx, a.xy + b.xy, a.yy + b.yy];
  const [x, y] = [a.x - b.x, a.y - b.y];
  return (yy * x * x - 2 * xy * x * y + xx * y * y) / (xx * yy - xy * xy);
}

/** The same for two looks of one camera: its turntable is wrong in both in the same way. */
export function apartInView(view: View, look: Look, errors: CameraErrors): number {
  const rangeKm = rangeOf(view);
  const floor = floorSq(errors);
  const share = 1 + 1 / view.looks;
  const turn = ((look.bearingDeg - bearingOf(view) + 540) % 360) - 180;
  const acrossKm = turn * radians * rangeKm;
  const across = rangeKm * rangeKm * errors.bearingDeg * errors.bearingDeg * radians * radians * share + floor;
  const along = rangeSdSq((rangeKm + look.rangeKm) / 2, errors) * share + floor;
  const alongKm = look.rangeKm - rangeKm;
  return (acrossKm * acrossKm) / across + (alongKm * alongKm) / along;
}

/** A place without errors of its own. */
export function apartFrom(fix: Fix, point: Point): number {
  if (squaredKm(fix, point) > 400) return Number.POSITIVE_INFINITY;
  const { xx, xy, yy } = fix;
  const [x, y] = [fix.x - point.x, fix.y - point.y];
  return (yy * x * x - 2 * xy * x * y + xx * y * y) / (xx * yy - xy * xy);
}
