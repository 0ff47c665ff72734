// The HTTP API, its OpenAPI page, the built viewer, and the two WebSocket doors (`/ingest`, `/live`).

import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { dayStart } from '../../domain/calendar.ts';
import { compositeIndex, dailyValues } from '../../domain/composite.ts';
import type { History } from '../../pipeline/ports.ts';
import { catalog, isKind, kinds } from '../../schema/catalog.ts';
import type { LedgerAnswer } from '../../schema/ledger.ts';
import type {
  CompositeAnswer,
  FlagsAnswer,
  HealthAnswer,
  HoursAnswer,
  RowApart,
  RowsApartAnswer,
  SourcesAnswer,
  WatermarksAnswer,
} from '../../schema/live.ts';
import type { Register } from '../../schema/register.ts';
import { pollutantIds, type WindowSize, windowMs } from '../../schema/window.ts';
import { addEmergencyRoutes, type EmergencyRoutesOptions } from './emergencyRoutes.ts';
import { addIncidentRoutes, type IncidentRoutesOptions } from './incidentRoutes.ts';

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** Folder of the built viewer; undefined or missing: the API alone. */
  readonly viewerDir?: string;
  readonly history: History;
  readonly register: () => Register;
  readonly health: () => HealthAnswer;
  readonly ledger: () => LedgerAnswer;
  readonly watermarks: () => WatermarksAnswer;
  readonly flags: () => FlagsAnswer;
  readonly incidents: IncidentRoutesOptions;
  readonly emergency: EmergencyRoutesOptions;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly doors: Readonly<Record<string, (request: IncomingMessage, socket: Duplex, head: Buffer) => void>>;
}

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A composite index is asked for a month or a season, at most a year. */
const compositeSpanMs = 367 * 86_400_000;
/** Most points per series that one request may ask for. */
const pointsMax = 50_000;
const seriesMax = 200;

const timeRange = {
  from: Type.Number({ description: 'epoch ms, inclusive' }),
  to: Type.Number({ description: 'epoch ms, exclusive' }),
};

const seriesQuery = Type.Object({
  kind: Type.String({ examples: ['air'] }),
  source: Type.String({ description: 'ids, comma-separated', examples: ['HS-001'] }),
  metric: Type.String({ description: 'metric ids, comma-separated; `aqi` for air at 1h', examples: ['pm25'] }),
  size: Type.Optional(Type.String({ description: 'raw, 1m, 5m, 1h or auto', default: 'auto' })),
  ...timeRange,
  points: Type.Optional(
    Type.Integer({ minimum: 1, maximum: pointsMax, default: 2000, description: 'for auto: about this many points' }),
  ),
});

const apartQuery = Type.Object({
  bin: Type.Optional(
    Type.Union([Type.Literal('lateDiverted'), Type.Literal('rejected'), Type.Literal('quarantined')], {
      description: 'only these',
    }),
  ),
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
});
const hoursQuery = Type.Object({
  scope: Type.Union([Type.Literal('station'), Type.Literal('district'), Type.Literal('city')]),
  place: Type.Optional(Type.String()),
  ...timeRange,
});

/** An answer 400 that names the parameter, its value and what is allowed. */
class BadRequest extends Error {
  readonly statusCode = 400;
}

/** Rejects when the address cannot be bound, saying what to change. */
export async function httpServer(options: HttpServerOptions): Promise<HttpServer> {
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    routerOptions: { maxParamLength: 200 },
    ajv: { customOptions: { removeAdditional: false } }, // an unknown field is refused, not left out
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) process.stderr.write(`lantian: ${request.method} ${request.url}: ${error.stack}\n`);
    reply.status(status).send({ error: status < 500 ? error.message : 'internal error', statusCode: status });
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    reply.header('x-frame-options', 'SAMEORIGIN');
  });
  await app.register(swagger, { openapi: { info: { title: 'Lantian', version: '0.1.0' } } });
  await app.register(swaggerUi, { routePrefix: '/api/docs' });
  await addRoutes(app, options);
  await addViewer(app, options.viewerDir);
  app.server.on('upgrade', (request, socket, head) => upgrade(options, request, socket, head));

  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      throw new Error(`port ${options.port} on ${options.host} is in use: stop the other program or choose another with --port`);
    }
    throw error;
  }
  const { address, port, family } = app.server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async close() {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

async function addRoutes(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  addIncidentRoutes(app, options.incidents);
  addEmergencyRoutes(app, options.emergency);
  app.get('/api/health', { schema: { description: 'Live, ready, and why not.' } }, async () => options.health());
  app.get('/api/ledger', { schema: { description: 'Every received row in exactly one bin, per feed and kind.' } }, async () =>
    options.ledger(),
  );
  app.get(
    '/api/watermarks',
    { schema: { description: 'Who holds time back, and by how much; clocks that are off.' } },
    async () => options.watermarks(),
  );
  app.get(
    '/api/flags',
    { schema: { description: 'Values that the checks flag in the newest minute of their source.' } },
    async () => options.flags(),
  );
  app.get(
    '/api/rows-apart',
    {
      schema: {
        description: 'Rows that are in no window: too late, refused, from a clock that is ahead.',
        querystring: apartQuery,
      },
    },
    async (request): Promise<RowsApartAnswer> => {
      const { bin, limit } = request.query as { bin?: RowApart['bin']; limit: number };
      return { rows: await options.history.rowsApart({ bin, limit }) };
    },
  );
  app.get('/api/catalog', { schema: { description: 'Kinds and metrics with units.' } }, async () => catalog);
  app.get('/api/register', { schema: { description: 'City and districts.' } }, async () => {
    const { city, districts } = options.register();
    return { city, districts };
  });
  app.get('/metrics', { schema: { description: 'Prometheus.' } }, async (_request, reply) => {
    const { contentType, text } = await options.metrics();
    return reply.type(contentType).send(text);
  });
  app.get(
    '/api/sources',
    { schema: { description: 'Sources of a kind.', querystring: Type.Object({ kind: Type.String({ default: 'air' }) }) } },
    async (request): Promise<SourcesAnswer> => {
      const kind = knownKind((request.query as { kind: string }).kind);
      const sources = options.register().sources.filter((source) => source.kind === kind);
      return {
        kind,
        sources: sources.map(({ id, zh, en, district, lon, lat, national }) => ({ id, zh, en, district, lon, lat, national })),
      };
    },
  );
  app.get(
    '/api/series',
    { schema: { description: 'Values of sources over time.', querystring: seriesQuery } },
    async (request) => {
      const query = request.query as {
        kind: string;
        source: string;
        metric: string;
        size?: string;
        from: number;
        to: number;
        points?: number;
      };
      const kind = knownKind(query.kind);
      checkRange(query.from, query.to);
      const sources = list(query.source);
      const metrics = list(query.metric);
      if (sources.length * metrics.length > seriesMax)
        throw new BadRequest(`${sources.length} sources x ${metrics.length} metrics; allowed: ${seriesMax} series at once`);
      const allowed = [...catalog[kind].metrics.map((metric) => metric.id), ...(kind === 'air' ? ['aqi'] : [])];
      for (const metric of metrics) {
        if (!allowed.includes(metric)) throw new BadRequest(`metric is "${metric}"; allowed for ${kind}: ${allowed.join(', ')}`);
      }
      const size = metrics.includes('aqi') ? '1h' : sizeOf(query.size ?? 'auto', query.to - query.from, query.points ?? 2000);
      return options.history.series({ kind, sources, metrics, size, fromMs: query.from, toMs: query.to });
    },
  );
  app.get(
    '/api/hours',
    { schema: { description: 'Hourly AQI of stations, districts or the city.', querystring: hoursQuery } },
    async (request): Promise<HoursAnswer> => {
      const { scope, place, from, to } = request.query as {
        scope: 'station' | 'district' | 'city';
        place?: string;
        from: number;
        to: number;
      };
      checkRange(from, to);
      return { hours: await options.history.hours({ scope, place, fromMs: from, toMs: to }) };
    },
  );
  app.get(
    '/api/composite',
    {
      schema: {
        description: 'Composite index (环境空气质量综合指数) of districts and the city over whole days, the best first.',
        querystring: Type.Object(timeRange),
      },
    },
    async (request) => {
      const { from, to } = request.query as { from: number; to: number };
      checkRange(from, to);
      if (to - from > compositeSpanMs) throw new BadRequest(`${Math.round((to - from) / 86_400_000)} days; allowed: at most 366`);
      return composite(options.history, from, to);
    },
  );
}

/** The composite index of each district and the city over whole Beijing days. */
async function composite(history: History, fromMs: number, toMs: number): Promise<CompositeAnswer> {
  const from = dayStart(fromMs);
  const scopes = await Promise.all((['district', 'city'] as const).map((scope) => history.hours({ scope, fromMs: from, toMs })));
  const hours = scopes.flat();
  const places = [...new Set(hours.map((hour) => hour.place))].map((place) => {
    const own = new Map(hours.filter((hour) => hour.place === place).map((hour) => [hour.startMs, hour.mean]));
    const days = dailyValues((id, startMs) => own.get(startMs)?.[id] ?? Number.NaN, pollutantIds, from, toMs);
    const { index, statistic, validDays } = compositeIndex(days, from);
    const round = (value: number) => (Number.isNaN(value) ? null : Number(value.toFixed(3)));
    return {
      place,
      index: round(index),
      validDays,
      statistic: Object.fromEntries(pollutantIds.map((id) => [id, round(statistic[id])])),
    };
  });
  return {
    fromMs: from,
    toMs,
    places: places.sort((a, b) => (a.index ?? Number.POSITIVE_INFINITY) - (b.index ?? Number.POSITIVE_INFINITY)),
  };
}

async function addViewer(app: FastifyInstance, dir: string | undefined): Promise<void> {
  if (dir !== undefined && existsSync(dir)) {
    await app.register(fastifyStatic, { root: dir });
    return;
  }
  app.get('/', async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('The viewer is not built: npm run build:viewer\nAPI: /api/docs\n'),
  );
}

function upgrade(options: HttpServerOptions, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const path = (request.url ?? '').split('?', 1)[0];
  const door = Object.hasOwn(options.doors, path) ? options.doors[path] : undefined;
  if (door === undefined) {
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
  } else if (!isSameOrigin(request)) {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  } else {
    door(request, socket, head);
  }
}

/** Browsers send an Origin; another site's page must not read or write here. Programs send none. */
function isSameOrigin(request: IncomingMessage): boolean {
  const origin = request.headers.origin;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === request.headers.host;
}

function knownKind(kind: string) {
  if (isKind(kind)) return kind;
  throw new BadRequest(`kind is "${kind.slice(0, 80)}"; allowed: ${kinds.join(', ')}`);
}

function checkRange(from: number, to: number): void {
  if (!(to > from)) throw new BadRequest(`from is ${from}, to is ${to}; allowed: from < to`);
}

function list(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

function sizeOf(size: string, spanMs: number, points: number): WindowSize | 'raw' {
  if (size === 'auto') {
    if (spanMs / windowMs['1m'] <= points) return '1m';
    return spanMs / windowMs['5m'] <= points ? '5m' : '1h';
  }
  if (size === 'raw' || Object.hasOwn(windowMs, size)) return size as WindowSize | 'raw';
  throw new BadRequest(`size is "${size.slice(0, 80)}"; allowed: raw, 1m, 5m, 1h, auto`);
}
