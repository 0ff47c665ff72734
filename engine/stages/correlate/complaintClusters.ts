// Complaints of one place and kind, gathered: which belong together, and whether they are more than usual.

import type { LoggedEvent } from './eventLog.ts';
import { type Point, squaredKm } from './plane.ts';
import { chanceOfAtLeast } from './poisson.ts';
import type { Rule } from './ruleCatalog.ts';

const hourMs = 3_600_000;
/** The usual rate is that of the day before, or of the last hours, whichever is higher: what comes up everywhere is no place's. */
export const usualMs = 24 * hourMs;
const surgeMs = 3 * hourMs;
/** Of what begins after a cluster this is still beside it [ours]. */
const besideMs = hourMs;
/** Before so much time has passed the usual rate is guessed at [ours]. */
const usualLeastMs = 6 * hourMs;
/** Of the city's complaints so many come from within one place's reach by chance: people live in a hundred towns [ours]. */
const placeShare = 0.012;
/** Three standard deviations in two dimensions. */
export const sameBelow = 9.2;
const evidenceMost = 10;

/**
 * What people complain of that has a place in the air. Haze is everywhere, noise and other things are not of the air; fireworks are
 * heard, so their nights bring no cluster.
 */
const topics = ['smell', 'smoke', 'dust'] as const;
export type Topic = (typeof topics)[number];
export const topicOf = { smell: 'smell', smoke: 'smoke', burning: 'smoke', dust: 'dust' } as const satisfies Readonly<
  Record<string, Topic>
>;
export type Category = keyof typeof topicOf;
export const isCategory = (text: string): text is Category => Object.hasOwn(topicOf, text);

export interface Complaint extends LoggedEvent, Point {
  readonly topic: Topic;
  readonly category: Category;
}

/** Complaints of one topic that may have one cause. Plain data; never changed, only replaced. */
export interface Cluster extends Point {
  readonly topic: Topic;
  /** Id of its first complaint: its name. */
  readonly id: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  /** The first of them, for evidence. */
  readonly complaints: readonly Pick<Complaint, 'source' | 'eventMs' | 'category'>[];
}

export interface ClusterOptions {
  /** Error of a place, each way (standard deviation). */
  readonly placeKm: number;
  /** Between two complaints of one cluster. */
  readonly windowMs: number;
}

/** The complaint is one of the nearest cluster that it may be of, or the first of another. */
export function withComplaint(
  all: readonly Cluster[],
  complaint: Complaint,
  { placeKm, windowMs }: ClusterOptions,
): readonly Cluster[] {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  all.forEach((cluster, i) => {
    if (cluster.topic !== complaint.topic || complaint.eventMs - cluster.lastMs > windowMs) return;
    const distance = squaredKm(cluster, complaint);
    if (distance >= least || !isNear(cluster, complaint, placeKm)) return;
    least = distance;
    best = i;
  });
  if (best < 0) return [...all, begun(complaint)];
  return all.map((cluster, i) => (i === best ? grown(cluster, complaint) : cluster));
}

/** Two places are each wrong; the more complaints, the better the middle is known. */
function isNear(cluster: Cluster, complaint: Complaint, placeKm: number): boolean {
  return squaredKm(cluster, complaint) < sameBelow * placeKm * placeKm * (1 + 1 / cluster.count);
}

function begun({ topic, id, eventMs, source, category, x, y }: Complaint): Cluster {
  return { topic, id, firstMs: eventMs, lastMs: eventMs, count: 1, x, y, complaints: [{ source, eventMs, category }] };
}

function grown(cluster: Cluster, { eventMs, source, category, ...at }: Complaint): Cluster {
  const { count, x, y, complaints } = cluster;
  return {
    ...cluster,
    lastMs: eventMs,
    count: count + 1,
    x: (x * count + at.x) / (count + 1),
    y: (y * count + at.y) / (count + 1),
    complaints: complaints.length < evidenceMost ? [...complaints, { source, eventMs, category }] : complaints,
  };
}

/** More than the usual complaints of its kind make by chance. `startedMs`: before it nothing is known. */
export function isUnusual(
  cluster: Cluster,
  all: readonly Cluster[],
  { rule, windowMs, startedMs }: { readonly rule: Rule<'complaints'>; readonly windowMs: number; readonly startedMs: number },
): boolean {
  if (cluster.count < rule.few) return false;
  const expected = usualPerMs(cluster, all, startedMs) * (cluster.lastMs - cluster.firstMs + windowMs) * placeShare;
  return chanceOfAtLeast(cluster.count - 1, expected) <= rule.chance;
}

/** Beginnings of clusters, not complaints: one stench that brings many must not hide another. Of the cluster's time, not of now. */
function usualPerMs({ topic, firstMs }: Cluster, all: readonly Cluster[], startedMs: number): number {
  let [inDay, inSurge] = [0, 0];
  for (const other of all) {
    if (other.topic !== topic || other.firstMs > firstMs + besideMs) continue;
    if (other.firstMs > firstMs - usualMs) inDay += 1;
    if (other.firstMs > firstMs - surgeMs) inSurge += 1;
  }
  const knownMs = Math.min(usualMs, Math.max(usualLeastMs, firstMs - startedMs)) + besideMs;
  return Math.max(inDay / knownMs, (inSurge - 1) / (surgeMs + besideMs));
}
