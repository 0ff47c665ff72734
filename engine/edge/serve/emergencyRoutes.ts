// Warnings and orders over HTTP: what is proposed and why, the signatures, the orders and their exceptions.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { stated } from '../../domain/stated.ts';
import type { History } from '../../pipeline/ports.ts';
import type { Order, OrderCommand } from '../../schema/order.ts';
import type { Register } from '../../schema/register.ts';
import type { Role } from '../../schema/user.ts';
import { type WarningAction, type WarningCommand, type WarningLevel, warningLevels } from '../../schema/warning.ts';
import { ordersCsv } from '../plans/ordersCsv.ts';
import type { Access } from './access.ts';
import { type AskedOrders, emergencyAnswers } from './emergencyAnswers.ts';
import type { EmergencyBoard } from './emergencyBoard.ts';
import { ordersQuery, queryOf, Refused, type Span, warningsQuery } from './incidentQueries.ts';

export interface EmergencyRoutesOptions {
  readonly board: EmergencyBoard;
  readonly history: History;
  readonly access: Access;
  /** Who may issue which level, and lift it. */
  readonly signers: Readonly<Record<WarningLevel, Role>>;
  readonly register: () => Register;
  /** Makes it part of the flow. */
  readonly act: (command: WarningCommand | OrderCommand) => void;
}

const idParam = Type.Object({ id: Type.String() });
const kinds = ['start', 'upgrade', 'downgrade', 'lift'] as const;
const moves = ['edit', 'submit', 'issue', 'reject', 'withdraw'] as const satisfies readonly WarningAction[];
const exceptions = ['exempt', 'restore'] as const;
const text = (description: string) => Type.Optional(Type.String({ maxLength: 2_000, description }));
const by = Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'who; with accounts the token says it' }));
const ms = (description: string) => Type.Optional(Type.Number({ description: `${description}, epoch ms` }));
const oneOf = <T extends string>(allowed: readonly T[]) => Type.Union(allowed.map((each) => Type.Literal(each)));

const proposalBody = {
  by,
  why: text('needed to edit, reject and withdraw'),
  level: Type.Optional(oneOf(warningLevels)),
  effectiveMs: ms('start, of a lift the end'),
  untilMs: ms('expected end'),
};

interface Body extends Pick<WarningCommand, 'why' | 'level' | 'effectiveMs' | 'untilMs'> {
  readonly kind?: (typeof kinds)[number];
}

export function addEmergencyRoutes(app: FastifyInstance, options: EmergencyRoutesOptions): void {
  const { board, access, signers, act } = options;
  const answers = emergencyAnswers(board, options.history);

  function acted(command: WarningCommand | OrderCommand): { readonly accepted: true } {
    const refusal = board.refusal(command);
    if (refusal !== undefined) throw new Refused(409, refusal);
    act(command);
    return { accepted: true };
  }

  /** The highest of the levels that a signature is about: nobody lifts what he could not have issued. */
  function signerOf(proposal: string): Role {
    const warning = board.warningOf(proposal);
    if (warning === undefined) throw new Refused(404, `there is no proposal ${proposal}`);
    const levels = [warning.level, warning.proposal?.level].filter((level) => level !== undefined);
    const highest = Math.max(...levels.map((level) => warningLevels.indexOf(level)));
    return signers[warningLevels[highest]];
  }

  function neededFor(action: (typeof moves)[number], proposal: string): Role {
    return action === 'issue' || action === 'reject' ? signerOf(proposal) : 'officer';
  }

  app.get(
    '/api/warnings',
    {
      schema: {
        description:
          'Warnings, the newest first, with what waits for a signature, its reasons, and every step: those that go on and the last that ended; with from or to, all that there were then.',
        querystring: warningsQuery,
      },
      attachValidation: true,
    },
    async (request) => {
      const { from: fromMs, to: toMs, limit } = queryOf<Span & { readonly limit?: number }>(request, warningsQuery);
      return { warnings: await answers.warnings({ fromMs, toMs, limit }) };
    },
  );
  app.get('/api/warnings/:id', { schema: { description: 'One warning, with every step.', params: idParam } }, async (request) => {
    const { id } = request.params as { id: string };
    const warning = await answers.warning(id);
    if (warning === undefined) throw new Refused(404, `there is no warning ${id}`);
    return { warning };
  });
  app.post(
    '/api/warnings',
    {
      schema: {
        description: 'An officer proposes a warning, a change of level or a lift, without the engine.',
        body: Type.Object({ ...proposalBody, kind: oneOf(kinds) }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const user = access(request, 'officer');
      const { why, level, effectiveMs, untilMs, kind } = request.body as Body;
      const command = { name: 'warning', action: 'propose', by: user.name, why, level, kind, effectiveMs, untilMs } as const;
      return reply.status(202).send(acted(stated(command)));
    },
  );
  app.post(
    '/api/proposals/:id/:action',
    {
      schema: {
        description: `What a person does to a proposal: ${moves.join(', ')}. Who may issue or reject depends on the level.`,
        params: Type.Object({ id: Type.String(), action: oneOf(moves) }),
        body: Type.Object(proposalBody, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const { id, action } = request.params as { id: string; action: (typeof moves)[number] };
      const user = access(request, neededFor(action, id));
      const { why, level, effectiveMs, untilMs } = request.body as Body;
      const proposal = board.warningOf(id)?.proposal;
      const seen = proposal?.id === id ? proposal.revision : undefined;
      const command = { name: 'warning', action, proposal: id, seen, by: user.name, why, level, effectiveMs, untilMs } as const;
      return reply.status(202).send(acted(stated(command)));
    },
  );
  app.get(
    '/api/orders',
    {
      schema: {
        description:
          'Orders of the newest warning, or of another, with the verdict of the evidence, a page at a time; with from or to, all that held then, those of the latest hour first (and no total).',
        querystring: ordersQuery,
      },
      attachValidation: true,
    },
    async (request) => answers.page(ordersAsked(queryOf<AskedOfOrders>(request, ordersQuery))),
  );
  app.get(
    '/api/orders/:id',
    { schema: { description: 'One order, with the verdict of the evidence.', params: idParam } },
    async (request) => {
      const { id } = request.params as { id: string };
      const order = await answers.order(id);
      if (order === undefined) throw new Refused(404, `there is no order ${id}`);
      return { order };
    },
  );
  app.get(
    '/api/orders.csv',
    {
      schema: {
        description: 'The same as a table for Excel (UTF-8 with BOM).',
        querystring: Type.Object({ warning: text('id') }),
      },
    },
    async (request, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="orders.csv"')
        .send(Buffer.from(ordersCsv(await ordersOf(request), options.register(), 'utf-8'))),
  );
  app.post(
    '/api/orders/:id/:action',
    {
      schema: {
        description: 'A signed exception from an order (an approved livelihood project), or its end.',
        params: Type.Object({ id: Type.String(), action: oneOf(exceptions) }),
        body: Type.Object({ by, why: Type.String({ minLength: 1, maxLength: 2_000 }) }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const { id, action } = request.params as { id: string; action: (typeof exceptions)[number] };
      const user = access(request, 'approver');
      const { why } = request.body as { why: string };
      return reply.status(202).send(acted({ name: 'order', action, order: id, by: user.name, why }));
    },
  );

  const ordersOf = (request: FastifyRequest): Promise<readonly Order[]> =>
    answers.orders(ordersAsked(request.query as AskedOfOrders));

  function ordersAsked({ from: fromMs, to: toMs, warning, enterprise, district, offset, limit }: AskedOfOrders): AskedOrders {
    const enterprises = enterprisesOf(enterprise, district);
    return { fromMs, toMs, warning, offset, limit, ...(enterprises === undefined ? {} : { enterprises }) };
  }

  /** Undefined: all. */
  function enterprisesOf(enterprise: string | undefined, district: string | undefined): readonly string[] | undefined {
    if (district === undefined) return enterprise === undefined ? undefined : [enterprise];
    const there = options.register().enterprises.filter((each) => each.district === district);
    return there.map(({ id }) => id).filter((id) => enterprise === undefined || id === enterprise);
  }
}

interface AskedOfOrders extends Span {
  readonly warning?: string;
  readonly enterprise?: string;
  readonly district?: string;
  readonly offset?: number;
  readonly limit?: number;
}
