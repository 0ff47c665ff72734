import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { Serving } from '../../../engine/serve.ts';
import { connectFeed } from '../../../simulator/feedClient.ts';
import { startEngine } from '../../harness/engine.ts';

const t0 = Date.parse('2026-01-05T00:00:00+08:00');
const hourMs = 3_600_000;
const stations = ['1074A', '1075A'];

let engine: Serving;
beforeAll(async () => {
  engine = await startEngine({ settings: { edition: 'cnemc' } });
  const client = await connectFeed({ url: engine.url, feed: 'f', clock: 'feed', format: 'columns', epoch: '1' });
  const full = (value: number) => Float32Array.of(value, value);
  for (let hour = 0; hour < 24; hour++) {
    await client.send({
      kind: 'air',
      rows: 2,
      periodMs: hourMs,
      sources: stations,
      source: Uint16Array.of(0, 1),
      time: new Float64Array(2).fill(t0 + hour * hourMs),
      values: { pm25: full(35), pm10: full(70), so2: full(60), no2: full(40), o3: full(160), co: full(4) },
    });
    await client.tick(t0 + (hour + 1) * hourMs + 180_000);
  }
  client.close();
});
afterAll(() => engine?.close());

async function get(path: string) {
  const answer = await fetch(`${engine.url}${path}`);
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, never> };
}

describe('the API', () => {
  test('composite index: everything at its limit is 6', async () => {
    const { body } = await get(`/api/composite?from=${t0}&to=${t0 + 24 * hourMs}`);
    expect(body.places).toMatchObject([
      { place: '131102', index: 6, validDays: 1 },
      { place: '131100', index: 6, validDays: 1 },
    ]);
  });

  test('series, hours, sources, catalog, health, ledger', async () => {
    expect(
      (await get(`/api/series?kind=air&source=1074A,nobody&metric=pm25,aqi&from=${t0}&to=${t0 + 2 * hourMs}`)).body.series,
    ).toMatchObject([
      { source: '1074A', metric: 'pm25', mean: [35, 35] },
      { source: '1074A', metric: 'aqi', mean: [60, 60] },
      { source: 'nobody', mean: [] },
      { source: 'nobody', mean: [] },
    ]);
    expect((await get(`/api/hours?scope=city&from=${t0}&to=${t0 + hourMs}`)).body.hours).toMatchObject([
      { place: '131100', aqi: 60, stations: 2 },
    ]);
    expect(((await get('/api/sources?kind=air')).body.sources as unknown[]).length).toBe(162);
    expect(Object.keys((await get('/api/catalog')).body)).toHaveLength(9);
    expect((await get('/api/health')).body).toMatchObject({ live: true, ready: true, clock: 'feed' });
    expect((await get('/api/flags')).body).toEqual({ nowMs: expect.any(Number), counts: {}, values: [] });
    expect((await get('/api/ledger')).body.rows).toMatchObject([{ feed: 'f', kind: 'air', received: 48 }]);
    expect(await (await fetch(`${engine.url}/metrics`)).text()).toContain(
      'lantian_rows_total{feed="f",kind="air",bin="onTime"} 48',
    );
  });

  test.each([
    ['/api/series?kind=smell&source=a&metric=b&from=0&to=1', 'kind is "smell"'],
    ['/api/series?kind=air&source=a&metric=pm99&from=0&to=1', 'allowed for air: pm25'],
    ['/api/series?kind=air&source=a&metric=pm25&size=2m&from=0&to=1', 'allowed: raw, 1m, 5m, 1h, auto'],
    ['/api/series?kind=air&source=a&metric=pm25&from=5&to=1', 'allowed: from < to'],
    ['/api/series?kind=air&source=a&metric=pm25&from=x&to=1', 'querystring/from must be number'],
    ['/api/hours?scope=moon&from=0&to=1', 'querystring/scope'],
    ['/api/composite?from=0&to=99999999999999', 'at most 366'],
  ])('%s is answered 400 and says what is allowed', async (path, words) => {
    const { status, body } = await get(path);
    expect(status).toBe(400);
    expect(body.error).toContain(words);
  });

  test('another site may not open a socket; an unknown door is 404', async () => {
    const code = (path: string, headers: Record<string, string>) =>
      new Promise<number>((resolve) => {
        const socket = new WebSocket(`${engine.url.replace('http', 'ws')}${path}`, { headers });
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
        socket.on('open', () => resolve(101));
        socket.on('error', () => {});
      });
    expect(await code('/live', { origin: 'http://evil.example' })).toBe(403);
    expect(await code('/live', { origin: engine.url })).toBe(101);
    expect(await code('/nowhere', {})).toBe(404);
  });
});
