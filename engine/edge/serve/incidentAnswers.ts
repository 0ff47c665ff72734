// Findings and incidents of any time: the board's word counts for those that it holds, the history has the others.

import type { FindingsQuery, History, IncidentsQuery } from '../../pipeline/ports.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Incident } from '../../schema/incident.ts';
import { everMs, findingMatches, incidentMatches, newestFirst } from '../store/matches.ts';
import type { IncidentBoard } from './incidentBoard.ts';

/** Without a time it is asked what the board holds, however much that is. */
type Asked<Query> = Omit<Query, 'fromMs' | 'toMs' | 'limit'> & {
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit?: number;
};

export interface IncidentAnswers {
  /** The newest first. */
  findings(asked: Asked<FindingsQuery>): Promise<readonly Finding[]>;
  incidents(asked: Asked<IncidentsQuery>): Promise<readonly Incident[]>;
  finding(id: string): Promise<Finding | undefined>;
  incident(id: string): Promise<{ readonly incident: Incident; readonly findings: readonly Finding[] } | undefined>;
}

export const limitDefault = 1_000;

export function incidentAnswers(board: IncidentBoard, history: History): IncidentAnswers {
  return {
    async findings(asked) {
      const query = { ...everMs, ...asked };
      const stored = await older(asked, board.findings().length, (limit) => history.findings({ ...query, limit }));
      const held = board.findings().filter((finding) => findingMatches(query, finding));
      return together(
        asked,
        held,
        stored.filter(({ id }) => board.finding(id) === undefined),
      );
    },
    async incidents(asked) {
      const query = { ...everMs, ...asked };
      const stored = await older(asked, board.incidents().length, (limit) => history.incidents({ ...query, limit }));
      const held = board.incidents().filter((incident) => incidentMatches(query, incident));
      return together(
        asked,
        held,
        stored.filter(({ id }) => board.incident(id) === undefined),
      );
    },
    async finding(id) {
      return board.finding(id) ?? (await history.findings({ ...everMs, ids: [id], limit: 1 }))[0];
    },
    async incident(id) {
      const held = board.incident(id);
      if (held !== undefined) return held;
      const [incident] = await history.incidents({ ...everMs, ids: [id], limit: 1 });
      if (incident === undefined) return undefined;
      const ids = incident.parts.map((part) => part.id);
      const findings = await history.findings({ ...everMs, ids, limit: ids.length });
      return { incident, findings: ids.flatMap((each) => findings.find((finding) => finding.id === each) ?? []) };
    },
  };
}

/** What the history says of those that the board holds may be old: as many more are read as that could be. */
async function older<T>(
  { fromMs, toMs, limit = limitDefault }: Asked<object>,
  held: number,
  read: (limit: number) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  return fromMs === undefined && toMs === undefined ? [] : read(limit + held);
}

function together<T extends { readonly id: string; readonly openedMs: number }>(
  { fromMs, toMs, limit }: Asked<object>,
  held: readonly T[],
  stored: readonly T[],
): readonly T[] {
  const max = limit ?? (fromMs === undefined && toMs === undefined ? undefined : limitDefault);
  return newestFirst([...held, ...stored]).slice(0, max);
}
