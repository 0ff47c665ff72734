// Findings become incidents: behind the rules, before the outputs.

import type { Finding } from '../../schema/finding.ts';
import type { EngineItem } from '../../schema/flow.ts';
import type { Incident } from '../../schema/incident.ts';
import type { Stage } from '../../schema/stage.ts';
import type { IncidentOptions } from './incidentOptions.ts';
import { incidentKeeper, type SavedIncidents } from './incidents.ts';

interface Saved {
  readonly incidents: SavedIncidents;
  readonly findings: readonly Finding[];
  readonly nowMs: number;
}

/** Passes everything on. Incidents that are new or have changed follow before the tick, or behind the command that changed them. */
export function incidentStage(options: IncidentOptions): Stage<EngineItem, EngineItem> {
  const keeper = incidentKeeper(options);
  let findings: Finding[] = [];
  let nowMs = 0;

  const batch = (incidents: readonly Incident[]): EngineItem[] =>
    incidents.length === 0 ? [] : [{ type: 'incidents', incidents }];

  return {
    next(item) {
      if (item.type === 'findings') findings.push(...item.findings);
      if (item.type === 'command' && item.command.name === 'incident')
        return [item, ...batch(keeper.act(item.command, nowMs) ?? [])];
      if (item.type !== 'tick') return [item];
      nowMs = item.nowMs;
      const incidents = keeper.advance(findings, nowMs);
      findings = [];
      return [...batch(incidents), item];
    },
    flush: () => [],
    save: (): Saved => ({ incidents: keeper.save(), findings: [...findings], nowMs }),
    restore(state) {
      const saved = state as Saved;
      keeper.restore(saved.incidents);
      findings = [...saved.findings];
      nowMs = saved.nowMs;
    },
  };
}
