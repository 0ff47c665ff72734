// What a cluster of complaints may be about: what other rules have found there, or who stands around it.

import type { Candidate, Finding } from '../../schema/finding.ts';
import type { EnterprisePlace } from './cityPlaces.ts';
import { type Cluster, sameBelow, type Topic } from './complaintClusters.ts';
import { type Point, squaredKm } from './plane.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const candidatesMost = 3;
/** A candidate that others have found is the cause; whose field a fire is on is not known. */
const scores = { known: 0.9, field: 0.4 } as const;
/** Others' findings count so long after they are over: people tell later. */
export const afterMs = 2.5 * hourMs;
/** And before they opened: an instrument's rule needs its time. */
const beforeMs = 30 * minuteMs;

/** What people notice of what a rule finds. Rules that are not named find nothing that people would. */
const noticed: Readonly<Partial<Record<string, readonly Topic[]>>> = {
  'straw-fire': ['smoke'],
  'plant-smoke': ['smoke', 'smell'],
  'treatment-off': ['smell', 'smoke'],
  'treatment-idle': ['smell', 'smoke'],
  'stack-exceedance': ['smoke'],
  'stack-flow': ['smell', 'smoke'],
  'voc-exceedance': ['smell'],
  'voc-treatment': ['smell'],
  'dust-exceedance': ['dust'],
  'dust-violation': ['dust'],
  'dust-rise': ['dust'],
};

/** Another rule's finding, as far as complaints ask for it. */
export interface Other extends Point {
  readonly id: string;
  readonly rule: string;
  readonly cause: string;
  readonly openedMs: number;
  readonly closedMs: number | null;
}

/** Who stands on the plane of the complaints. */
export interface Around {
  readonly placeKm: number;
  readonly plants: readonly (Point & { readonly of: EnterprisePlace })[];
  /** Dust sites. */
  readonly sites: () => readonly (Point & { readonly id: string })[];
}

/** Undefined: people notice nothing of it. */
export function otherOf({ id, rule, enterprise, unit, openedMs, closedMs }: Finding, at: Point): Other | undefined {
  if (noticed[rule] === undefined) return undefined;
  return { id, rule, cause: enterprise ?? unit, openedMs, closedMs: closedMs ?? null, ...at };
}

/** What others have found there at that time, the nearest first. */
export function othersNear(cluster: Cluster, others: Iterable<Other>, placeKm: number): readonly Other[] {
  const withinSq = sameBelow * placeKm * placeKm * Math.max(1 / cluster.count, 0.3);
  const fits = (other: Other) =>
    (noticed[other.rule] ?? []).includes(cluster.topic) &&
    cluster.lastMs >= other.openedMs - beforeMs &&
    (other.closedMs === null || cluster.firstMs <= other.closedMs + afterMs) &&
    squaredKm(cluster, other) < withinSq;
  return [...others].filter(fits).sort((a, b) => squaredKm(cluster, a) - squaredKm(cluster, b) || (a.id < b.id ? -1 : 1));
}

/** Of what others have found, the nearest first. */
export function candidatesOf(others: readonly Other[]): readonly Candidate[] {
  return others.slice(0, candidatesMost).map(candidateOf);
}

const candidateOf = ({ id, cause, rule: of }: Other, rank: number): Candidate => ({
  id: of === 'straw-fire' ? id : cause,
  score: (of === 'straw-fire' ? scores.field : scores.known) / (rank + 1),
  reasons: ['openFinding', of],
});

/** Who gives off what people complain of, by nearness and amount; most often it is none of the best three, and the scores say so. */
export function neighbours(cluster: Cluster, { placeKm, plants, sites }: Around): readonly Candidate[] {
  const { topic, count } = cluster;
  const sigmaSq = (placeKm * placeKm) / count;
  const weightOf = (at: Point) => {
    const distance = squaredKm(cluster, at) / sigmaSq;
    return distance > sameBelow ? 0 : Math.exp(-distance / 2);
  };
  const weighed =
    topic === 'dust'
      ? sites().map(({ id, ...at }) => ({ id, weight: weightOf(at) }))
      : plants.map(({ x, y, of }) => ({ id: of.id, weight: weightOf({ x, y }) * (topic === 'smell' ? of.voc : of.pm) }));
  const sum = weighed.reduce((total, { weight }) => total + weight, 0);
  return weighed
    .filter(({ weight }) => weight > 0)
    .map(({ id, weight }) => ({ id, score: Math.round((weight / sum) * 1000) / 1000, reasons: ['place', 'emission'] }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, candidatesMost);
}
