// Incidents and findings over HTTP: lists, explanations, and what people do.

import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type Explanation, explainFinding, explainIncident, explanationText, type Names } from '../../domain/explain.ts';
import { type IncidentAction, type IncidentCommand, type IncidentState, incidentMoves } from '../../schema/incident.ts';
import type { IncidentBoard } from './incidentBoard.ts';

export interface IncidentRoutesOptions {
  readonly board: IncidentBoard;
  readonly names: Names;
  /** Makes it part of the flow. */
  readonly act: (command: IncidentCommand) => void;
}

const states: readonly IncidentState[] = ['open', 'dispatched', 'on-site', 'feedback', 'closed', 'dismissed', 'corrected'];
const actions: readonly IncidentAction[] = [...(Object.keys(incidentMoves) as IncidentAction[]), 'merge', 'split'];
const idParam = Type.Object({ id: Type.String() });
const textMax = 2_000;

const actionBody = Type.Object(
  {
    by: Type.String({ minLength: 1, maxLength: 100, description: 'who', examples: ['wang'] }),
    why: Type.Optional(Type.String({ maxLength: textMax, description: 'needed for feedback, close and dismiss' })),
    into: Type.Optional(Type.String({ description: 'merge: id of the incident that takes the findings' })),
    findings: Type.Optional(Type.Array(Type.String(), { description: 'split: ids of the findings that leave' })),
  },
  { additionalProperties: false },
);

/** An answer with this status and words. */
class Refused extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const statusOf = { 'not-found': 404, 'not-now': 409, incomplete: 400 } as const;

export function addIncidentRoutes(app: FastifyInstance, { board, names, act }: IncidentRoutesOptions): void {
  app.get(
    '/api/incidents',
    {
      schema: {
        description: 'Incidents, open and of the last three days; the newest first.',
        querystring: Type.Object({
          state: Type.Optional(Type.String({ description: 'comma-separated', examples: ['open,dispatched'] })),
        }),
      },
    },
    async (request) => ({ incidents: board.incidents(statesIn((request.query as { state?: string }).state)) }),
  );
  app.get(
    '/api/incidents/:id',
    { schema: { description: 'One incident with its findings and the explanation down to readings.', params: idParam } },
    async (request) => {
      const { id } = request.params as { id: string };
      const found = board.incident(id);
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
      const body = request.body as Pick<IncidentCommand, 'by' | 'why' | 'into' | 'findings'>;
      const command: IncidentCommand = { name: 'incident', id, action, ...body };
      const refusal = board.refusal(command);
      if (refusal !== undefined) throw new Refused(statusOf[refusal.code], refusal.message);
      act(command);
      return reply.status(202).send({ accepted: true });
    },
  );
  app.get(
    '/api/findings',
    { schema: { description: 'Findings, open and of the last three days; the newest first.' } },
    async () => ({
      findings: board.findings(),
    }),
  );
  app.get(
    '/api/findings/:id',
    { schema: { description: 'One finding with its explanation down to readings.', params: idParam } },
    async (request) => {
      const { id } = request.params as { id: string };
      const finding = board.finding(id);
      if (finding === undefined) throw new Refused(404, `there is no finding ${id}`);
      return { finding, ...told(explainFinding(finding, names)) };
    },
  );
}

function told(explanation: Explanation) {
  return { explanation, text: { zh: explanationText(explanation, 'zh'), en: explanationText(explanation, 'en') } };
}

function statesIn(text: string | undefined): readonly IncidentState[] | undefined {
  if (text === undefined) return undefined;
  const wanted = text.split(',') as IncidentState[];
  for (const state of wanted)
    if (!states.includes(state)) throw new Refused(400, `state is "${state}"; allowed: ${states.join(', ')}`);
  return wanted;
}
