import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { influx1Sink } from '../../engine/edge/store/influx1.ts';
import { influx2Sink } from '../../engine/edge/store/influx2.ts';
import { gapFlag, pointsOf } from '../../engine/edge/store/points.ts';
import type { Output, Sink } from '../../engine/pipeline/ports.ts';
import { catalog } from '../../engine/schema/catalog.ts';
import { Flag } from '../../engine/schema/flags.ts';
import { hourMs, namesOf, outputsOf, t0 } from '../harness/outputs.ts';
import { describeWith, freePort, type RealServer, startInflux1, startVictoria } from '../harness/servers.ts';

const ids = ['HS-001', '衡水 站,=点"\\', 'a\\,b', "quote' 🌫"];
const sources = namesOf(ids);
const outputs = (pm25: number) => outputsOf(ids, [ids.map((_, station) => ({ station, hour: 0, values: { pm25, co: 1234 } }))]);

async function write(sink: Sink, list: readonly Output[], names = sources): Promise<void> {
  for (const output of list) if (output.windows.length > 0) await sink.write(pointsOf(output, names));
}

const writeAll = (sink: Sink, pm25: number) => write(sink, outputs(pm25));

/** What every mirror must do, whatever its server. */
function contract(
  make: (url: string) => Sink,
  server: () => RealServer,
  /** The hour's values by source. */
  read: (url: string, hour?: number) => Promise<Map<string, number>>,
): void {
  test('points arrive with every legal tag value, to the millisecond, with full precision', async () => {
    const sink = make(server().url);
    await writeAll(sink, 1005);
    const found = await read(server().url);
    expect(found.size).toBe(ids.length);
    expect([...found.values()]).toEqual(ids.map(() => 100.5));
    expect([...found.keys()].sort()).toEqual(ids.map((id) => id.replaceAll('\\', '/')).sort());
    await sink.close();
  });

  test('any text that may be an id arrives as a tag: a sample of a hundred', async () => {
    const texts = [...new Set(fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 24 }), { numRuns: 100, seed: 5 }))];
    const many = texts.map((text, i) => `${i} ${text}`);
    const sink = make(server().url);
    await write(
      sink,
      outputsOf(many, [many.map((_, station) => ({ station, hour: 5, values: { pm25: station } }))]),
      namesOf(many),
    );
    const found = await read(server().url, 5);
    expect(found.size).toBe(many.length);
    for (const [source, value] of found) expect(source.split(' ', 1)[0]).toBe(String(Math.round(value * 10)));
    await sink.close();
  });

  test('a server that is down is worth another try', async () => {
    const sink = make(`http://127.0.0.1:${await freePort()}`);
    await expect(writeAll(sink, 1)).rejects.toMatchObject({ code: 'retry' });
    await sink.close();
  });
}

describeWith('influxd', 'mirror: influx1 against InfluxDB 1.x', () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await startInflux1();
  });
  afterAll(() => server?.stop());

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    const answer = await fetch(`${server.url}/query?${new URLSearchParams({ db: 'lantian', epoch: 'ms', q: sql })}`);
    const body = (await answer.json()) as { results: { series?: { columns: string[]; values: unknown[][] }[] }[] };
    return (body.results[0].series ?? []).flatMap(({ columns, values }) =>
      values.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]]))),
    );
  }

  contract(
    (url) => influx1Sink({ url, timeoutMs: 3000 }),
    () => server,
    async (_, hour = 0) => {
      const rows = await query(`SELECT * FROM air_1h WHERE time = ${t0 + hour * hourMs}ms`);
      return new Map(rows.map((row) => [String(row.source), Number(row.pm25)]));
    },
  );

  test('the same key written again overwrites', async () => {
    const sink = influx1Sink({ url: server.url });
    await writeAll(sink, 100);
    await writeAll(sink, 200);
    const rows = await query(`SELECT pm25, time FROM air_1h WHERE source = 'HS-001'`);
    expect(rows).toEqual([{ time: t0, pm25: 20 }]);
  });

  test('a revision takes back a flag, and says where a value is gone', async () => {
    const sink = influx1Sink({ url: server.url });
    // The revision of the hour: the value out of range is there no more, north and south wind cancel each other out.
    const first = outputsOf(ids, [[{ station: 0, hour: 8, values: { pm25: 100, windMps: 20, windFromDeg: 0 } }]]);
    const flags = first.map((output) => ({
      ...output,
      windows: output.windows.map((batch) => ({
        ...batch,
        metrics: batch.metrics.map((column, m) => (m === 0 ? { ...column, flags: column.flags.map(() => Flag.spike) } : column)),
      })),
    }));
    await write(sink, flags);
    const at = `time = ${t0 + 8 * hourMs}ms`;
    const read = async (columns: string, measurement = 'air_1h') =>
      (await query(`SELECT ${columns} FROM ${measurement} WHERE ${at}`))[0];
    expect(await read('pm25_flags, pm10_flags, windFromDeg, revision')).toMatchObject({
      pm25_flags: Flag.spike,
      pm10_flags: null,
      windFromDeg: 0,
      revision: 0,
    });
    const cityFirst = await read('*', 'city_1h');
    expect(cityFirst).toMatchObject({ pm25: 10, n: 1 });
    const revised = first.map((output) => ({
      ...output,
      windows: output.windows.map((batch) => ({
        ...batch,
        revision: batch.revision.map(() => 1),
        metrics: batch.metrics.map((column, m) =>
          catalog.air.metrics[m].id === 'windFromDeg' ? { ...column, mean: column.mean.map(() => Number.NaN) } : column,
        ),
      })),
      places: output.places.map((batch) => ({
        ...batch,
        revision: batch.revision.map(() => 1),
        stations: batch.stations.map(() => 0),
        mean: batch.mean.map((column) => column.map(() => Number.NaN)),
      })),
    }));
    await write(sink, revised);
    expect(await read('pm25, pm25_flags, pm10_flags, windFromDeg_flags, revision')).toMatchObject({
      pm25: 10,
      pm25_flags: 0,
      pm10_flags: gapFlag,
      windFromDeg_flags: gapFlag,
      revision: 1,
    });
    expect(await read('pm25_flags, aqi_flags, n, revision', 'city_1h')).toMatchObject({ pm25_flags: gapFlag, n: 0, revision: 1 });
    await sink.close();
  });

  test('places are points of their own', async () => {
    expect(await query(`SELECT aqi, n, source FROM city_1h WHERE time = ${t0}ms`)).toMatchObject([
      { source: '131100', n: ids.length },
    ]);
  });
});

describeWith('victoria', 'mirror: influx2 against a v2 write endpoint', () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await startVictoria();
  });
  afterAll(() => server?.stop());

  const make = (url: string) => influx2Sink({ url, token: 'none', org: 'o', bucket: 'b', timeoutMs: 3000 });

  contract(
    make,
    () => server,
    async (url, hour = 0) => {
      const startMs = t0 + hour * hourMs;
      await fetch(`${url}/internal/force_flush`);
      const answer = await fetch(
        `${url}/api/v1/export?${new URLSearchParams({ 'match[]': '{__name__="air_1h_pm25"}', start: String(startMs / 1000 - 10), end: String(startMs / 1000 + 10) })}`,
      );
      const lines = (await answer.text())
        .trim()
        .split('\n')
        .filter((line) => line !== '');
      const series = lines.map(
        (line) => JSON.parse(line) as { metric: { source: string }; values: number[]; timestamps: number[] },
      );
      for (const each of series) expect(each.timestamps[0]).toBe(startMs);
      return new Map(series.map((each) => [each.metric.source, each.values[0]]));
    },
  );

  test('a path that the server does not know is refused, not swallowed', async () => {
    const sink = influx2Sink({ url: `${server.url}/no/such/place`, token: 't', org: 'o', bucket: 'b', timeoutMs: 3000 });
    await expect(writeAll(sink, 1)).rejects.toMatchObject({ code: 'refused' });
  });
});
