// Whether a finding names what the answer key says, and whether the two are of the same time.

import { distanceKm, type Place } from '../../../engine/domain/geo.ts';
import type { Finding } from '../../../engine/schema/finding.ts';
import type { Channel, TruthRecord } from '../../world/truth/record.ts';

const minuteMs = 60_000;
/** An alarm may come so long after the end (SIMULATION.md section 7). */
export const afterMs = 90 * minuteMs;
/** A candidate further down is no answer. */
export const rankMax = 3;
/** So near a place counts as found. */
export const nearKm = 1.5;

/** Channels whose sources stand at the target itself; stations and cameras only see it. */
const ownChannels = ['cems', 'voc', 'power', 'dust'] as const satisfies readonly Channel[];

/** Monitors and meters of the target. */
export function ownSources({ site, sources = [], channels = {} }: TruthRecord): readonly string[] {
  return [
    ...(site === undefined ? [] : [site]),
    ...sources,
    ...ownChannels.flatMap((channel) => channels[channel]?.sources ?? []),
  ];
}

/** From its beginning until it can no longer be found. */
export function isDuring(ms: number, { fromMs, toMs }: TruthRecord): boolean {
  return ms >= fromMs && ms <= (toMs ?? Number.POSITIVE_INFINITY) + afterMs;
}

/** A finding that holds at some time of it. */
export function overlaps({ openedMs, closedMs, foundMs }: Finding, { fromMs, toMs }: TruthRecord): boolean {
  return (
    Math.max(closedMs ?? Number.POSITIVE_INFINITY, foundMs) >= fromMs && openedMs <= (toMs ?? Number.POSITIVE_INFINITY) + afterMs
  );
}

/**
 * The place of a finding says where the cause is only where it comes from people or cameras: a station's place is where its air
 * was measured, an enterprise's is its own.
 */
function claimedPlace({ enterprise, place, evidence }: Finding): Place | undefined {
  const { lon, lat } = place;
  if (enterprise !== undefined || lon === undefined || lat === undefined) return undefined;
  return evidence.some(({ kind }) => kind === 'camera' || kind === 'petition') ? { lon, lat } : undefined;
}

const isNear = (place: Place | undefined, record: TruthRecord) =>
  place !== undefined && record.place !== undefined && distanceKm(place, record.place) <= nearKm;

/** Places that candidates may mean by the id or the unit of another finding. */
export function placesOf(findings: readonly Finding[]): ReadonlyMap<string, Place> {
  return new Map(
    findings.flatMap((finding) => {
      const place = claimedPlace(finding);
      return place === undefined ? [] : [[finding.id, place] as const, [finding.unit, place] as const];
    }),
  );
}

/** 1 to 3: at which rank among the finding's answers the target stands; 0: it is not named. What it is about itself is rank 1. */
export function rankOf(finding: Finding, record: TruthRecord, places: ReadonlyMap<string, Place>): number {
  return isAbout(finding, record) ? 1 : candidateRank(finding, record, places);
}

function isAbout(finding: Finding, record: TruthRecord): boolean {
  const { enterprise, process, sources, unit } = finding;
  if (enterprise !== undefined && enterprise === record.enterprise)
    if (process === undefined || record.process === undefined || process === record.process) return true;
  const own = ownSources(record);
  if (own.includes(unit) || sources.some((id) => own.includes(id))) return true;
  if (own.some((id) => id.startsWith('all ') && finding.evidence.some(({ kind }) => id === `all ${kind}`))) return true;
  const isComplaint = finding.evidence.some(({ kind }) => kind === 'petition');
  if (record.kind !== 'fire' && !(isComplaint && record.channels?.complaint !== undefined)) return false;
  return isNear(claimedPlace(finding), record);
}

/** Among the candidates alone; 0: not among the first three. */
export function candidateRank({ candidates }: Finding, record: TruthRecord, places: ReadonlyMap<string, Place>): number {
  const ids = [record.enterprise, record.site, record.field].filter((id) => id !== undefined);
  const at = candidates.slice(0, rankMax).findIndex(({ id }) => ids.includes(id) || isNear(places.get(id), record));
  return at + 1;
}
