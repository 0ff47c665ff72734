// Incidents and findings over HTTP: lists, explanations, and what people do.

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type Explanation, explainFinding, explainIncident, explanationText, type Names } from '../../domain/explain.ts';
import { stated } from '../../domain/stated.ts';
import type { History } from '../../pipeline/ports.ts';
import type { AuditAnswer } from '../../schema/audit.ts';
import { type IncidentAction, type IncidentCommand, incidentKinds, incidentMoves } from '../../schema/incident.ts';
import type { Access } from './access.ts';
import { incidentAnswers } from './incidentAnswers.ts';
import type { IncidentBoard } from './incidentBoard.ts';
import {
  auditQuery,
  findingsQuery,
  incidentsQuery,
  oneOf,
  queryOf,
  Refused,
  type Span,
  someOf,
  states,
} from './incidentQueries.ts';

export interface IncidentRoutesOptions {
  readonly board: IncidentBoard;
  readonly history: History;
  /** Ids of all rules, and codes of the districts: others are refused. */
  readonly rules: readonly string[];
  readonly districts: () => readonly string[];
  readonly names: Names;
  readonly access: Access;
  /** Makes it part of the flow. */
  readonly act: (command: IncidentCommand) => void;
}

const actions: readonly IncidentAction[] = [...(Object.keys(incidentMoves) as IncidentAction[]), 'merge', 'split'];
const idParam = Type.Object({ id: Type.String() });
const textMax = 2_000;

const actionBody = Type.Object(
  {
    by: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, description: 'who; with accounts the token says it', examples: ['wang'] }),
    ),
    why: Type.Optional(Type.String({ maxLength: textMax, description: 'needed for feedback, close and dismiss' })),
    into: Type.Optional(Type.String({ description: 'merge: id of the incident that takes the findings' })),
    findings: Type.Optional(Type.Array(Type.String(), { description: 'split: ids of the findings that leave' })),
  },
  { additionalProperties: false },
);

const statusOf = { 'not-found': 404, 'not-now': 409, incomplete: 400 } as const;

export function addIncidentRoutes(app: FastifyInstance, options: IncidentRoutesOptions): void {
  const { board, history, names, access, act } = options;
  const answers = incidentAnswers(board, history);
  app.get(
    '/api/incidents',
    {
      schema: {
        description:
          'Incidents, the newest first: open ones and those of the last three days; with from or to, all that were there then.',
        querystring: incidentsQuery,
      },
      attachValidation: true,
    },
    async (request) => {
      const query = queryOf<AskedIncidents>(request, incidentsQuery);
      const district = oneOf('district', query.district, options.districts());
      const { from: fromMs, to: toMs, limit } = query;
      const wanted = { states: someOf('state', states, query.state), kinds: someOf('kind', incidentKinds, query.kind) };
      return { incidents: await answers.incidents(stated({ fromMs, toMs, limit, district, ...wanted })) };
    },
  );
  app.get(
    '/api/incidents/:id',
    { schema: { description: 'One incident with its findings and the explanation down to readings.', params: idParam } },
    async (request) => {
      const { id } = request.params as { id: string };
      const found = await answers.incident(id);
      if (found === undefined) throw new Refused(404, `there is no incident ${id}`);
      return { ...found, ...told(explainIncident(found.incident, found.findings, names)) };
    },
  );
  app.post(
    '/api/incidents/:id/:action',
    {
      schema: {
        description: `What a person does: ${actions.join(', ')}. It becomes part of the flow and of the recording.`,
        params: Type.Object({ id: Type.String(), action: Type.String() }),
        body: actionBody,
      },
    },
    async (request, reply) => {
      const { id, action } = request.params as { id: string; action: IncidentAction };
      if (!actions.includes(action)) throw new Refused(400, `action is "${action}"; allowed: ${actions.join(', ')}`);
      const body = request.body as Pick<IncidentCommand, 'why' | 'into' | 'findings'>;
      const command: IncidentCommand = { name: 'incident', id, action, ...body, by: access(request, 'officer').name };
      const refusal = board.refusal(command);
      if (refusal?.code === 'not-found') throw await tooLate(id);
      if (refusal !== undefined) throw new Refused(statusOf[refusal.code], refusal.message);
      act(command);
      return reply.status(202).send({ accepted: true });
    },
  );
  app.get(
    '/api/findings',
    {
      schema: {
        description:
          'Findings, the newest first: open ones and those of the last three days; with from or to, all that held then.',
        querystring: findingsQuery,
      },
      attachValidation: true,
    },
    async (request) => {
      const query = queryOf<AskedFindings>(request, findingsQuery);
      const rule = oneOf('rule', query.rule, options.rules);
      const district = oneOf('district', query.district, options.districts());
      const { from: fromMs, to: toMs, limit, unit, enterprise } = query;
      return { findings: await answers.findings(stated({ fromMs, toMs, limit, rule, unit, district, enterprise })) };
    },
  );
  app.get(
    '/api/findings/:id',
    { schema: { description: 'One finding with its explanation down to readings.', params: idParam } },
    async (request) => {
      const { id } = request.params as { id: string };
      const finding = await answers.finding(id);
      if (finding === undefined) throw new Refused(404, `there is no finding ${id}`);
      return { finding, ...told(explainFinding(finding, names)) };
    },
  );
  app.get(
    '/api/audit',
    {
      schema: {
        description:
          'The audit trail: every change of an incident or warning and every exception from an order, by whom and why, the newest first. Each entry is sealed with the hash of the one before (lantian check verifies it).',
        querystring: auditQuery,
      },
      attachValidation: true,
    },
    async (request): Promise<AuditAnswer> => {
      const { incident, from: fromMs, to: toMs, limit } = queryOf<AskedAudit>(request, auditQuery);
      const entries = await history.audit({ incident, fromMs, toMs, limit });
      if (incident !== undefined && entries.length === 0 && (await answers.incident(incident)) === undefined)
        throw new Refused(404, `there is no incident ${incident}`);
      return { entries };
    },
  );

  /** The board has forgotten it, or there never was one. */
  async function tooLate(id: string): Promise<Refused> {
    const found = await answers.incident(id);
    if (found === undefined) return new Refused(404, `there is no incident ${id}`);
    return new Refused(409, `the incident is ${found.incident.state} for days: nothing can be done about it any more`);
  }
}

interface AskedIncidents extends Span {
  readonly limit?: number;
  readonly state?: string;
  readonly kind?: string;
  readonly district?: string;
}

interface AskedFindings extends Span {
  readonly limit?: number;
  readonly rule?: string;
  readonly unit?: string;
  readonly district?: string;
  readonly enterprise?: string;
}

interface AskedAudit extends Span {
  readonly limit: number;
  readonly incident?: string;
}

function told(explanation: Explanation) {
  return { explanation, text: { zh: explanationText(explanation, 'zh'), en: explanationText(explanation, 'en') } };
}
