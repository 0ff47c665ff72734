// Which findings belong together: one cause, one place, one device, one network.

import { distanceKm } from '../../domain/geo.ts';
import type { Finding } from '../../schema/finding.ts';
import { endedStates, type Incident } from '../../schema/incident.ts';
import { kindOf } from './incidentKind.ts';
import type { IncidentOptions } from './incidentOptions.ts';

/** Silence of networks is told from sources that send every five minutes or oftener: one outage stops them within so long. */
const onceMs = 5 * 60_000;
const networkRules: ReadonlySet<string> = new Set(['silent-district', 'silent-feed']);
const nobody: ReadonlySet<string> = new Set(['outside', 'unknown', 'instrument']);

/** The enterprise that a finding is about, or that it takes for the cause. */
export function causeOf({ enterprise, candidates }: Pick<Finding, 'enterprise' | 'candidates'>, score: number) {
  if (enterprise !== undefined) return enterprise;
  const [best] = candidates;
  return best === undefined || best.score < score || nobody.has(best.id) ? undefined : best.id;
}

/**
 * The living incident that a finding belongs to: of those of its own kind the one that began first, else of the others. Findings
 * about an enterprise share its incident, whatever they are: a monitor that hangs while the treatment is off is evidence, and who
 * goes there should know. A fault of the city's own devices stays apart from what is given off near it: somebody must mend it.
 */
export function related(finding: Finding, incidents: Iterable<Incident>, options: IncidentOptions): Incident | undefined {
  const kind = kindOf(finding);
  let best: Incident | undefined;
  for (const incident of incidents) {
    if (endedStates.includes(incident.state) || finding.openedMs > lastMs(incident) + options.joinMs) continue;
    if (!belongs(finding, incident, options)) continue;
    const isBetter =
      best === undefined || (best.kind === incident.kind ? incident.openedMs < best.openedMs : incident.kind === kind);
    if (isBetter) best = incident;
  }
  return best;
}

function belongs(finding: Finding, incident: Incident, { causeScore, joinKm }: IncidentOptions): boolean {
  const cause = causeOf(finding, causeScore);
  if (cause !== undefined) return incident.enterprise === cause || causeOf(incident, causeScore) === cause;
  const kind = kindOf(finding);
  if (incident.enterprise !== undefined || incident.kind !== kind) return false;
  if (kind === 'emission') return isSameSource(finding, incident) || isNear(finding, incident, joinKm);
  const isNetwork = networkRules.has(finding.rule);
  if (isNetwork !== incident.parts.some(({ rule }) => networkRules.has(rule))) return false;
  return isSameSource(finding, incident) || (isNetwork && isSameOutage(finding, incident));
}

const isSameSource = (finding: Finding, { parts }: Incident) =>
  parts.some(({ sources }) => sources.some((id) => finding.sources.includes(id)));

function isNear(finding: Finding, incident: Incident, km: number): boolean {
  const [a, b] = [incident.place, finding.place];
  if (a.lon === undefined || a.lat === undefined || b.lon === undefined || b.lat === undefined) return false;
  return distanceKm({ lon: a.lon, lat: a.lat }, { lon: b.lon, lat: b.lat }) <= km;
}

/** The whole city fell silent with the district or the kind that was noticed first. Two districts are two outages. */
function isSameOutage(finding: Finding, { place, parts }: Incident): boolean {
  if (finding.place.district !== '' && place.district !== '' && finding.place.district !== place.district) return false;
  return parts.some(({ openedMs }) => Math.abs(openedMs - finding.openedMs) <= onceMs);
}

/** Until when its findings say that something was there. */
function lastMs({ parts }: Incident): number {
  let last = Number.NEGATIVE_INFINITY;
  for (const { closedMs = Number.POSITIVE_INFINITY } of parts) last = Math.max(last, closedMs);
  return last;
}
