// Complaints of one place and kind: more than the usual ones make by chance, or near something that other rules have found.

import type { Place } from '../../domain/geo.ts';
import { catalog, metricIndex } from '../../schema/catalog.ts';
import type { Candidate, Evidence, Finding } from '../../schema/finding.ts';
import type { Source } from '../../schema/register.ts';
import { type CityPlaces, noPlaces } from './cityPlaces.ts';
import type { Description } from './detector.ts';
import { eventLog, type LoggedEvent, type SavedLog } from './eventLog.ts';
import { nearestTo } from './nearest.ts';
import { type Plane, type Point, planeAt, squaredKm } from './plane.ts';
import { chanceOfAtLeast } from './poisson.ts';
import type { RuleId, Rules } from './ruleCatalog.ts';
import { type Draft, type SavedTold, told } from './told.ts';
import { isTaken, type Watcher } from './watcher.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Complaints up to six hours late find their place: as long as networks are down. */
const orderedMs = 6 * hourMs;
const heldMost = 5_000;
/** The usual rate is that of the day before, or of the last hours, whichever is higher: what comes up everywhere is no place's. */
const usualMs = dayMs;
const surgeMs = 3 * hourMs;
/** Of what begins after a cluster this is still beside it [ours]. */
const besideMs = hourMs;
/** Before so much time has passed the usual rate is guessed at [ours]. */
const usualLeastMs = 6 * hourMs;
/** Of the city's complaints so many come from within one place's reach by chance: people live in a hundred towns [ours]. */
const placeShare = 0.012;
/** Three standard deviations in two dimensions. */
const sameBelow = 9.2;
const candidatesMost = 3;
const evidenceMost = 10;
/** A candidate that others have found is the cause; whose field a fire is on is not known. */
const scores = { known: 0.9, field: 0.4 } as const;
/** Others' findings count so long after they are over: people tell later. */
const afterMs = 2.5 * hourMs;
/** And before they opened: an instrument's rule needs its time. */
const beforeMs = 30 * minuteMs;

/**
 * What people complain of that has a place in the air. Haze is everywhere, noise and other things are not of the air; fireworks are
 * heard, so their nights bring no cluster.
 */
const topics = ['smell', 'smoke', 'dust'] as const;
type Topic = (typeof topics)[number];
const topicOf = { smell: 'smell', smoke: 'smoke', burning: 'smoke', dust: 'dust' } as const satisfies Readonly<
  Record<string, Topic>
>;
type Category = keyof typeof topicOf;
const isCategory = (text: string): text is Category => Object.hasOwn(topicOf, text);

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
};

interface Complaint extends LoggedEvent, Point {
  readonly topic: Topic;
  readonly category: Category;
}

/** Complaints of one topic that may have one cause. Plain data; never changed, only replaced. */
interface Cluster extends Point {
  readonly topic: Topic;
  /** Id of its first complaint: its name. */
  readonly id: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  /** The first of them, for evidence. */
  readonly complaints: readonly Pick<Complaint, 'source' | 'eventMs' | 'category'>[];
}

/** Another rule's finding, as far as complaints ask for it. */
interface Other extends Point {
  readonly id: string;
  readonly rule: string;
  readonly cause: string;
  readonly openedMs: number;
  readonly closedMs: number | null;
}

interface Saved {
  readonly log: SavedLog<Complaint>;
  readonly settled: readonly Cluster[];
  readonly others: readonly Other[];
  readonly startedMs: number;
  readonly judgedMs: number;
  readonly told: SavedTold;
}

const [lonMetric, latMetric] = ['lon', 'lat'].map((id) => metricIndex('petition', id));

export function complaintWatcher({ rules, places = noPlaces }: { readonly rules: Rules; readonly places?: CityPlaces }): Watcher {
  const rule = rules.complaints;
  const placeKm = rule.placeMeters / 1000;
  const windowMs = rule.windowMinutes * minuteMs;
  /** After its last complaint a cluster is part of what is usual for so long. */
  const keptMs = usualMs + windowMs;
  const othersKeptMs = keptMs + orderedMs + afterMs;
  const channels: Source[] = [];
  const sites: Source[] = [];
  const log = eventLog<Complaint>(heldMost);
  const tellings = told((id: RuleId) => rules[id].on);
  const plane = planeOf(places);
  const plants = plane === undefined ? [] : places.enterprises.map((of) => ({ ...plane.pointOf(of), of }));
  let others = new Map<string, Other>();
  /** Of the settled complaints, as long as anything asks for them. */
  let settled: readonly Cluster[] = [];
  /** The same with those that are held; undefined: to be worked out. */
  let current: readonly Cluster[] | undefined;
  let startedMs = Number.NaN;
  let judgedMs = Number.NEGATIVE_INFINITY;

  /** Two places are each wrong; the more complaints, the better the middle is known. */
  const isNear = (cluster: Cluster, complaint: Complaint) =>
    squaredKm(cluster, complaint) < sameBelow * placeKm * placeKm * (1 + 1 / cluster.count);

  function withComplaint(all: readonly Cluster[], complaint: Complaint): readonly Cluster[] {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    all.forEach((cluster, i) => {
      if (cluster.topic !== complaint.topic || complaint.eventMs - cluster.lastMs > windowMs) return;
      const distance = squaredKm(cluster, complaint);
      if (distance >= least || !isNear(cluster, complaint)) return;
      least = distance;
      best = i;
    });
    if (best < 0) return [...all, begun(complaint)];
    return all.map((cluster, i) => (i === best ? grown(cluster, complaint) : cluster));
  }

  function settle(atMs: number): void {
    const complaints = log.settle(atMs - orderedMs);
    const lives = ({ lastMs }: Cluster) => lastMs + keptMs >= log.settledMs;
    settled = complaints.reduce(withComplaint, settled).filter(lives);
    if (complaints.length > 0 || current === undefined) current = log.held.reduce(withComplaint, settled);
    else current = current.filter(lives);
  }

  /** Beginnings of clusters, not complaints: one stench that brings many must not hide another. Of the cluster's time, not of now. */
  function usualPerMs({ topic, firstMs }: Cluster, all: readonly Cluster[]): number {
    let [inDay, inSurge] = [0, 0];
    for (const other of all) {
      if (other.topic !== topic || other.firstMs > firstMs + besideMs) continue;
      if (other.firstMs > firstMs - usualMs) inDay += 1;
      if (other.firstMs > firstMs - surgeMs) inSurge += 1;
    }
    const knownMs = Math.min(usualMs, Math.max(usualLeastMs, firstMs - startedMs)) + besideMs;
    return Math.max(inDay / knownMs, (inSurge - 1) / (surgeMs + besideMs));
  }

  function isCluster(cluster: Cluster, all: readonly Cluster[]): boolean {
    if (cluster.count < rule.few) return false;
    const expected = usualPerMs(cluster, all) * (cluster.lastMs - cluster.firstMs + windowMs) * placeShare;
    return chanceOfAtLeast(cluster.count - 1, expected) <= rule.chance;
  }

  /** What others have found there at that time, the nearest first. */
  function othersNear(cluster: Cluster): readonly Other[] {
    const withinSq = sameBelow * placeKm * placeKm * Math.max(1 / cluster.count, 0.3);
    const fits = (other: Other) =>
      (noticed[other.rule] ?? []).includes(cluster.topic) &&
      cluster.lastMs >= other.openedMs - beforeMs &&
      (other.closedMs === null || cluster.firstMs <= other.closedMs + afterMs) &&
      squaredKm(cluster, other) < withinSq;
    return [...others.values()]
      .filter(fits)
      .sort((a, b) => squaredKm(cluster, a) - squaredKm(cluster, b) || (a.id < b.id ? -1 : 1));
  }

  function draftOf(cluster: Cluster, all: readonly Cluster[], atMs: number): Draft[] {
    const { id: unit, count, firstMs, lastMs } = cluster;
    const near = othersNear(cluster);
    if (near.length === 0 && !isCluster(cluster, all)) return [];
    // Told again when there are twice as many, not with every one.
    const gist = `${Math.floor(Math.log2(count))} ${near[0]?.id ?? ''}`;
    const over = atMs - lastMs > windowMs ? { closedMs: lastMs } : {};
    return [{ rule: 'complaints', unit, openedMs: firstMs, ...over, gist, describe: () => describe(cluster, near) }];
  }

  function describe(cluster: Cluster, near: readonly Other[]): Description {
    const at = plane?.placeOf(cluster);
    const town = at === undefined ? undefined : nearestTo(at, places.townships);
    return {
      severity: cluster.count >= 2 * rule.few ? 'warning' : 'notice',
      place: { district: town?.district ?? '', ...(town === undefined ? {} : { township: town.code }), ...at },
      sources: [...new Set(cluster.complaints.map(({ source }) => source))],
      evidence: evidenceOf(cluster),
      candidates: near.length > 0 ? near.slice(0, candidatesMost).map(candidateOf) : neighbours(cluster),
    };
  }

  const candidateOf = ({ id, cause, rule: of }: Other, rank: number): Candidate => ({
    id: of === 'straw-fire' ? id : cause,
    score: (of === 'straw-fire' ? scores.field : scores.known) / (rank + 1),
    reasons: ['openFinding', of],
  });

  /** Who gives off what people complain of, by nearness and amount; most often it is none of the best three, and the scores say so. */
  function neighbours(cluster: Cluster): readonly Candidate[] {
    const { topic, count } = cluster;
    const sigmaSq = (placeKm * placeKm) / count;
    const weightOf = (at: Point) => {
      const distance = squaredKm(cluster, at) / sigmaSq;
      return distance > sameBelow ? 0 : Math.exp(-distance / 2);
    };
    const weighed =
      topic === 'dust'
        ? sites.flatMap(({ id, lon, lat }) => {
            if (plane === undefined || lon === undefined || lat === undefined) return [];
            return [{ id, weight: weightOf(plane.pointOf({ lon, lat })) }];
          })
        : plants.map(({ x, y, of }) => ({ id: of.id, weight: weightOf({ x, y }) * (topic === 'smell' ? of.voc : of.pm) }));
    const sum = weighed.reduce((total, { weight }) => total + weight, 0);
    return weighed
      .filter(({ weight }) => weight > 0)
      .map(({ id, weight }) => ({ id, score: Math.round((weight / sum) * 1000) / 1000, reasons: ['place', 'emission'] }))
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
      .slice(0, candidatesMost);
  }

  function evidenceOf({ complaints, count }: Cluster): readonly Evidence[] {
    return complaints.map(({ source, eventMs, category }, i) => ({
      kind: 'petition',
      source,
      metric: 'rows',
      startMs: eventMs,
      endMs: eventMs,
      value: i === 0 ? count : 1,
      unit: '1',
      says: i === 0 ? `complaints-${category}` : `complaint-${category}`,
    }));
  }

  /** Findings with a place of their own, as they are now. */
  function hear(findings: readonly Finding[]): void {
    for (const { id, rule: of, place, enterprise, unit, openedMs, closedMs = null, state } of findings) {
      const { lon, lat } = place;
      if (plane === undefined || noticed[of] === undefined || lon === undefined || lat === undefined) continue;
      if (state === 'corrected') others.delete(id);
      else others.set(id, { id, rule: of, cause: enterprise ?? unit, openedMs, closedMs, ...plane.pointOf({ lon, lat }) });
    }
  }

  return {
    rules: ['complaints'],
    kinds: ['petition'],
    setSources(kind, first, sources) {
      const list = kind === 'petition' ? channels : kind === 'dust' ? sites : undefined;
      if (list === undefined) return;
      sources.forEach((source, i) => {
        list[first + i] = source;
      });
    },
    take(batch) {
      for (let row = 0; row < batch.rows; row++) {
        const category = batch.text?.category?.[row] ?? '';
        if (!isCategory(category)) continue;
        const topic = topicOf[category];
        const channel = channels[batch.source[row]];
        if (!isTaken(batch.bin[row]) || plane === undefined || channel === undefined) continue;
        const lon = batch.values[lonMetric][row] / catalog.petition.metrics[lonMetric].scale;
        const lat = batch.values[latMetric][row] / catalog.petition.metrics[latMetric].scale;
        if (Number.isNaN(lon + lat)) continue;
        const eventMs = batch.eventMs[row];
        const id = batch.id?.[row] ?? `${channel.id}-${eventMs}`;
        if (log.add({ eventMs, source: channel.id, id, topic, category, ...plane.pointOf({ lon, lat }) })) current = undefined;
      }
    },
    advance({ nowMs }, found): readonly Finding[] {
      hear(found);
      const atMs = Math.floor(nowMs / minuteMs) * minuteMs;
      if (atMs <= judgedMs) return [];
      judgedMs = atMs;
      if (Number.isNaN(startedMs)) startedMs = atMs;
      settle(atMs);
      const all = current ?? [];
      others = new Map([...others].filter(([, { closedMs }]) => closedMs === null || closedMs + othersKeptMs > atMs));
      const drafts = all.flatMap((cluster) => draftOf(cluster, all, atMs));
      return tellings.update(drafts, { nowMs, settledMs: log.settledMs - keptMs });
    },
    save: (): Saved => ({
      log: log.save(),
      settled,
      others: [...others.values()],
      startedMs,
      judgedMs,
      told: tellings.save(),
    }),
    restore(state) {
      const saved = state as Saved;
      log.restore(saved.log);
      settled = saved.settled;
      current = undefined;
      others = new Map(saved.others.map((other) => [other.id, other]));
      ({ startedMs, judgedMs } = saved);
      tellings.restore(saved.told);
    },
  };
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

/** Around the first town: a register without any has no map. */
function planeOf({ townships, enterprises }: CityPlaces): Plane | undefined {
  const first: Place | undefined = townships[0] ?? enterprises[0];
  return first === undefined ? undefined : planeAt(first);
}
