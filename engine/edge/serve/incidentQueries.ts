// Query strings about findings, incidents, warnings, orders and the audit trail: their schemas, and what is said of a bad value.

import type { FastifyRequest } from 'fastify';
import { type TObject, Type } from 'typebox';
import type { IncidentState } from '../../schema/incident.ts';
import { limitDefault } from './incidentAnswers.ts';

/** An answer with this status and words. */
export class Refused extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const limitMax = 10_000;
export const states: readonly IncidentState[] = ['open', 'dispatched', 'on-site', 'feedback', 'closed', 'dismissed', 'corrected'];

// A description says what is allowed: it is also what is answered to a bad value.
const limit = (words: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: limitMax, description: `1 to ${limitMax}${words}` }));
const optional = {
  from: Type.Optional(Type.Number({ description: 'epoch ms, inclusive' })),
  to: Type.Optional(Type.Number({ description: 'epoch ms, exclusive' })),
  limit: limit(`; with from or to ${limitDefault} by default`),
  district: Type.Optional(Type.String({ description: 'code of a district' })),
};

export const findingsQuery = Type.Object({
  ...optional,
  rule: Type.Optional(Type.String({ description: 'id of a rule', examples: ['treatment-off'] })),
  unit: Type.Optional(Type.String({ description: 'id of what the rule is about' })),
  enterprise: Type.Optional(Type.String({ description: 'id of an enterprise' })),
});

export const incidentsQuery = Type.Object({
  ...optional,
  state: Type.Optional(Type.String({ description: 'comma-separated', examples: ['open,dispatched'] })),
  kind: Type.Optional(Type.String({ description: 'emission, maintenance; absent: both', examples: ['emission'] })),
});

export const auditQuery = Type.Object({
  from: optional.from,
  to: optional.to,
  limit: Type.Integer({ minimum: 1, maximum: limitMax, default: limitDefault, description: `1 to ${limitMax}` }),
  incident: Type.Optional(Type.String({ description: 'id of an incident, a warning or an order' })),
});

export const warningsQuery = Type.Object({ from: optional.from, to: optional.to, limit: limit(`, ${limitDefault} by default`) });

export const ordersQuery = Type.Object({
  ...optional,
  limit: limit(`, ${limitDefault} by default`),
  warning: Type.Optional(Type.String({ description: 'id of a warning' })),
  enterprise: Type.Optional(Type.String({ description: 'id of an enterprise' })),
  offset: Type.Optional(Type.Integer({ minimum: 0, description: '0 or more: so many are left out before the page' })),
});

export interface Span {
  readonly from?: number;
  readonly to?: number;
}

/** Of a route with `attachValidation`. Throws an answer 400 that names the value and what is allowed. */
export function queryOf<Query extends Span>({ validationError, query }: FastifyRequest, schema: TObject): Query {
  const name = validationError?.validation[0]?.instancePath.slice(1) ?? '';
  if (validationError !== undefined) {
    const allowed = schema.properties[name] as { readonly description?: string } | undefined;
    throw notAllowed(name, (query as Record<string, unknown>)[name], allowed?.description ?? validationError.message);
  }
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = query as Span;
  if (!(to > from)) throw new Refused(400, `from is ${from}, to is ${to}; allowed: from < to`);
  return query as Query;
}

export function oneOf(name: string, value: string | undefined, allowed: readonly string[]): string | undefined {
  if (value !== undefined && !allowed.includes(value)) throw notAllowed(name, value, allowed.join(', '));
  return value;
}

export function someOf<Value extends string>(name: string, allowed: readonly Value[], text: string | undefined) {
  return text?.split(',').map((each) => oneOf(name, each, allowed) as Value);
}

function notAllowed(name: string, value: unknown, allowed: string): Refused {
  return new Refused(400, `${name} is ${JSON.stringify(value)?.slice(0, 200)}; allowed: ${allowed}`);
}
