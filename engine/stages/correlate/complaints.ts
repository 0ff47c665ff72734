// Complaints of one place and kind: more than the usual ones make by chance, or near something that other rules have found.

import type { Place } from '../../domain/geo.ts';
import { catalog, metricIndex } from '../../schema/catalog.ts';
import type { Evidence, Finding } from '../../schema/finding.ts';
import type { Source } from '../../schema/register.ts';
import { type CityPlaces, noPlaces } from './cityPlaces.ts';
import { type Around, afterMs, candidatesOf, neighbours, type Other, otherOf, othersNear } from './complaintCauses.ts';
import {
  type Cluster,
  type ClusterOptions,
  type Complaint,
  isCategory,
  isUnusual,
  topicOf,
  usualMs,
  withComplaint,
} from './complaintClusters.ts';
import type { Description } from './detector.ts';
import { eventLog, type SavedLog } from './eventLog.ts';
import { nearestTo } from './nearest.ts';
import { type Plane, planeAt } from './plane.ts';
import type { RuleId, Rules } from './ruleCatalog.ts';
import { type Draft, type SavedTold, told } from './told.ts';
import { isTaken, type Watcher } from './watcher.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Complaints up to six hours late find their place: as long as networks are down. */
const orderedMs = 6 * hourMs;
const heldMost = 5_000;

interface Saved {
  /** Of the plane that all points are on: it stays when the register's first town is another. */
  readonly origin: Place | undefined;
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
  const clustering: ClusterOptions = { placeKm, windowMs };
  let origin: Place | undefined;
  let plane: Plane | undefined;
  let plants: Around['plants'] = [];
  let others = new Map<string, Other>();
  /** Of the settled complaints, as long as anything asks for them. */
  let settled: readonly Cluster[] = [];
  /** The same with those that are held; undefined: to be worked out. */
  let current: readonly Cluster[] | undefined;
  let startedMs = Number.NaN;
  let judgedMs = Number.NEGATIVE_INFINITY;

  function spread(from: Place | undefined): void {
    origin = from;
    const flat = from === undefined ? undefined : planeAt(from);
    plane = flat;
    plants = flat === undefined ? [] : places.enterprises.map((of) => ({ ...flat.pointOf(of), of }));
  }

  const sitePoints = () =>
    sites.flatMap(({ id, lon, lat }) =>
      plane === undefined || lon === undefined || lat === undefined ? [] : [{ id, ...plane.pointOf({ lon, lat }) }],
    );

  const folded = (from: readonly Cluster[], complaints: readonly Complaint[]) =>
    complaints.reduce((clusters, complaint) => withComplaint(clusters, complaint, clustering), from);

  function settle(atMs: number): void {
    const complaints = log.settle(atMs - orderedMs);
    const lives = ({ lastMs }: Cluster) => lastMs + keptMs >= log.settledMs;
    settled = folded(settled, complaints).filter(lives);
    if (complaints.length > 0 || current === undefined) current = folded(settled, log.held);
    else current = current.filter(lives);
  }

  function draftOf(cluster: Cluster, all: readonly Cluster[], atMs: number): Draft[] {
    const { id: unit, count, firstMs, lastMs } = cluster;
    const near = othersNear(cluster, others.values(), placeKm);
    if (near.length === 0 && !isUnusual(cluster, all, { rule, windowMs, startedMs })) return [];
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
      candidates: near.length > 0 ? candidatesOf(near) : neighbours(cluster, { placeKm, plants, sites: sitePoints }),
    };
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
    for (const finding of findings) {
      const { lon, lat } = finding.place;
      if (plane === undefined || lon === undefined || lat === undefined) continue;
      const other = otherOf(finding, plane.pointOf({ lon, lat }));
      if (other === undefined) continue;
      if (finding.state === 'corrected') others.delete(other.id);
      else others.set(other.id, other);
    }
  }

  spread(originOf(places));

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
      origin,
      log: log.save(),
      settled,
      others: [...others.values()],
      startedMs,
      judgedMs,
      told: tellings.save(),
    }),
    restore(state) {
      const saved = state as Saved;
      spread(saved.origin ?? originOf(places));
      log.restore(saved.log);
      settled = saved.settled;
      current = undefined;
      others = new Map(saved.others.map((other) => [other.id, other]));
      ({ startedMs, judgedMs } = saved);
      tellings.restore(saved.told);
    },
  };
}

/** The first town: a register without any has no map. */
function originOf({ townships, enterprises }: CityPlaces): Place | undefined {
  const first: Place | undefined = townships[0] ?? enterprises[0];
  return first === undefined ? undefined : { lon: first.lon, lat: first.lat };
}
