// Gathers what the stages made into what edges are given: rows as soon as they are decided, windows and places at the tick.

import type { Finding } from '../schema/finding.ts';
import type { EngineItem } from '../schema/flow.ts';
import type { Incident } from '../schema/incident.ts';
import type { Stage } from '../schema/stage.ts';
import type { PlaceBatch, WindowBatch } from '../schema/window.ts';
import type { Output } from './ports.ts';

interface State {
  readonly windows: WindowBatch[];
  readonly places: PlaceBatch[];
  readonly findings: Finding[];
  readonly incidents: Incident[];
  readonly seq: number;
}

export function outputStage(): Stage<EngineItem, Output> {
  let windows: WindowBatch[] = [];
  let places: PlaceBatch[] = [];
  let findings: Finding[] = [];
  let incidents: Incident[] = [];
  let seq = 0;

  function take(nowMs: number | null, aheadMs?: number): Output[] {
    seq += 1;
    const output = { rows: [], windows, places, findings, incidents, nowMs, ...(aheadMs === undefined ? {} : { aheadMs }), seq };
    windows = [];
    places = [];
    findings = [];
    incidents = [];
    return [output];
  }

  return {
    next(item) {
      switch (item.type) {
        case 'rows':
          seq += 1;
          return [{ rows: [item.batch], windows: [], places: [], findings: [], incidents: [], nowMs: null, seq }];
        case 'windows':
          windows.push(item);
          return [];
        case 'places':
          places.push(item);
          return [];
        case 'findings':
          findings.push(...item.findings);
          return [];
        case 'incidents':
          incidents.push(...item.incidents);
          return [];
        case 'tick':
          return take(item.nowMs, item.aheadMs);
        case 'command':
          return [];
      }
    },
    flush: () => take(null),
    save: () => ({ windows, places, findings, incidents, seq }),
    restore(state) {
      ({ windows, places, findings, incidents, seq } = state as State);
    },
  };
}
