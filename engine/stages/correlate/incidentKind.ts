// Who follows up a finding: the inspectors what is given off, maintenance what is wrong with a device or a network.

import type { Finding } from '../../schema/finding.ts';
import type { IncidentKind, IncidentPart } from '../../schema/incident.ts';
import { ruleSpec } from './ruleCatalog.ts';

/**
 * A fault is maintenance's, unless the evidence says first that somebody meddled with the device: a rule that finds nothing else,
 * or a candidate before the instrument itself.
 */
export function kindOf({ rule, candidates }: Pick<Finding, 'rule' | 'candidates'>): IncidentKind {
  const spec = ruleSpec(rule);
  if (spec?.findsFaults !== true || spec.findsMeddling === true) return 'emission';
  const [best] = candidates;
  return best === undefined || best.id === 'instrument' ? 'maintenance' : 'emission';
}

/** Of an incident with these parts: one emission makes it one. */
export function kindOfParts(parts: readonly IncidentPart[]): IncidentKind {
  return parts.every(({ kind }) => kind === 'maintenance') ? 'maintenance' : 'emission';
}
