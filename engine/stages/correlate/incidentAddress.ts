// Whom an incident goes to, and by when: a sub-centre's inspector, or who keeps the device.

import { distanceKm } from '../../domain/geo.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Incident, IncidentKind } from '../../schema/incident.ts';
import type { IncidentOptions, Township } from './incidentOptions.ts';

/** What an incident says of it. */
export type Address = Pick<
  Incident,
  | 'kind'
  | 'subCentre'
  | 'township'
  | 'inspector'
  | 'operator'
  | 'dispatchByMs'
  | 'feedbackByMs'
  | 'repairByMs'
  | 'state'
  | 'overdue'
>;

const dayMs = 86_400_000;
const beijingMs = 8 * 3_600_000;
/** [ours] */
export const defaultRepairMs = dayMs;

/** Nobody has been sent yet. */
export function addressOf(
  kind: IncidentKind,
  of: Pick<Finding, 'enterprise' | 'place'>,
  nowMs: number,
  options: IncidentOptions,
): Address {
  return kind === 'emission' ? toInspector(of, nowMs, options) : toOperator(of, nowMs, options);
}

function toInspector(of: Pick<Finding, 'enterprise' | 'place'>, nowMs: number, options: IncidentOptions): Address {
  const township = townshipFor(of, options);
  return {
    kind: 'emission',
    state: 'open',
    subCentre: of.place.district,
    township: township?.code ?? '',
    inspector: inspectorOf(township, nowMs),
    operator: undefined,
    dispatchByMs: nowMs + options.dispatchMs,
    feedbackByMs: undefined,
    repairByMs: undefined,
    overdue: [],
  };
}

/** Enterprises keep their own monitors and meters; stations, gates, cameras and networks are the city's. */
function toOperator({ enterprise }: Pick<Finding, 'enterprise'>, nowMs: number, options: IncidentOptions): Address {
  return {
    kind: 'maintenance',
    state: 'open',
    subCentre: '',
    township: '',
    inspector: '',
    operator: enterprise ?? 'city',
    dispatchByMs: undefined,
    feedbackByMs: undefined,
    repairByMs: nowMs + (options.repairMs ?? defaultRepairMs),
    overdue: [],
  };
}

function townshipFor(
  { enterprise, place }: Pick<Finding, 'enterprise' | 'place'>,
  { townships, townshipOf }: IncidentOptions,
): Township | undefined {
  const code = enterprise === undefined ? undefined : townshipOf[enterprise];
  if (code !== undefined) return townships.find((each) => each.code === code);
  const { lon, lat } = place;
  if (lon === undefined || lat === undefined) return undefined;
  let nearest: Township | undefined;
  let nearestKm = Number.POSITIVE_INFINITY;
  for (const each of townships) {
    if (place.district !== '' && each.district !== place.district) continue;
    const km = distanceKm(each, { lon, lat });
    if (km >= nearestKm) continue;
    nearest = each;
    nearestKm = km;
  }
  return nearest;
}

/** They take turns by the Beijing day: rotas are not in the register [ours]. */
function inspectorOf(township: Township | undefined, nowMs: number): string {
  const ids = township?.inspectors ?? [];
  return ids.length === 0 ? '' : ids[Math.floor((nowMs + beijingMs) / dayMs) % ids.length];
}
