import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storePath } from '../../engine/app.ts';
import { options } from '../../engine/config.ts';
import { connectFeed } from '../../simulator/feedClient.ts';
import { runHeadless } from '../../simulator/lab/headless.ts';
import { openReader } from '../../simulator/readers/openReader.ts';
import { drive } from '../../simulator/simulate.ts';
import { openTestRun, startEngine } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = join(root, '..', 'shared', 'data');
const cnemc = join(data, 'cnemc', 'china_sites_20170101.csv.gz');
const snapshot = join(data, 'cnemc', 'cnemc_snapshot_20170707T16.csv.gz');
const uci = join(data, 'beijing', 'beijing-12-stations-2015-11_2016-01.csv.gz');
const hasData = existsSync(data);
if (!hasData) console.log('skipped: replay of real files needs ../shared/data');

interface Line {
  readonly source: string;
  readonly startMs: number;
  readonly aqi: number | null;
  readonly primary: readonly string[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-replay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function headless(file: string, out: string, edition: string, store: 'none' | 'duckdb' = 'none') {
  const reader = await openReader(file);
  const run = await openTestRun({
    settings: { edition, rawKeepMs: options.rawKeepMs.max },
    out,
    store: store === 'none' ? 'none' : { duckdb: storePath(out) },
  });
  const result = await runHeadless(run, reader.steps(), { feed: 'replay' });
  await run.finish({});
  const lines = (await readFile(join(out, 'windows-1h.ndjson'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return { reader, result, lines };
}

describe.skipIf(!hasData)('replay of real files', () => {
  test('CNEMC: our hourly index equals the published one for every station-hour', async () => {
    const { reader, result, lines } = await headless(cnemc, join(folder, 'cnemc'), 'cnemc');
    expect(result).toMatchObject({ rows: 25_832, problems: 0 });
    const ours = new Map(lines.map((line) => [`${line.source} ${line.startMs}`, line.aqi]));
    const published = [...(reader.published ?? [])];
    expect(published).toHaveLength(25_736);
    expect(published.filter(([key, { aqi }]) => ours.get(key) !== aqi)).toEqual([]);
  });

  test('the same file over WebSocket, in either format and at a speed, gives the same bytes', async () => {
    const headlessOut = join(folder, 'headless');
    await headless(cnemc, headlessOut, 'cnemc');
    const want = await Promise.all(equalFiles.map((name) => readFile(join(headlessOut, name))));
    for (const [format, speed] of [
      ['columns', 'max'],
      ['json', 3_600_000],
    ] as const) {
      const out = join(folder, `ws-${format}`);
      const engine = await startEngine({ out, settings: { edition: 'cnemc' } });
      const client = await connectFeed({ url: engine.url, feed: 'replay', clock: 'feed', format, epoch: format });
      await drive(client, (await openReader(cnemc)).steps(), { speed });
      await client.end();
      client.close();
      await engine.close();
      for (const [i, name] of equalFiles.entries())
        expect((await readFile(join(out, name))).equals(want[i]), `${format} ${name}`).toBe(true);
    }
  });

  test('CNEMC snapshot: index and primary pollutants of the summer hour', async () => {
    const { reader, lines } = await headless(snapshot, join(folder, 'snapshot'), 'cnemc');
    const names: Readonly<Record<string, string>> = {
      '细颗粒物(PM2.5)': 'pm25',
      '颗粒物(PM10)': 'pm10',
      臭氧1小时: 'o3',
      二氧化氮: 'no2',
      二氧化硫: 'so2',
      一氧化碳: 'co',
    };
    const ours = new Map(lines.map((line) => [`${line.source} ${line.startMs}`, line]));
    const published = [...(reader.published ?? [])];
    expect(published.length).toBeGreaterThan(1400);
    const wrong = published.filter(([key, { aqi, primary }]) => {
      const line = ours.get(key);
      const want = (primary ?? '')
        .split(/[,;，；]/)
        .map((name) => names[name.trim()])
        .filter((id) => id !== undefined);
      return line?.aqi !== aqi || JSON.stringify([...line.primary].sort()) !== JSON.stringify(want.sort());
    });
    expect(wrong).toEqual([]);
  });

  test('UCI: two months; SQL over the raw rows confirms the running 24-hour means', async () => {
    const out = join(folder, 'uci');
    const { result } = await headless(uci, out, 'auto', 'duckdb');
    expect(result).toMatchObject({ rows: 17_568, problems: 0 });
    const instance = await DuckDBInstance.create(storePath(out), { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(`
      SELECT count(*) AS compared, max(abs(h.pm25_24h - r.mean)) AS off FROM air_1h h JOIN (
        SELECT source, event_ms, avg(pm25) OVER w AS mean, count(pm25) OVER w AS n FROM air_raw
        WINDOW w AS (PARTITION BY source ORDER BY event_ms RANGE BETWEEN 82800000 PRECEDING AND CURRENT ROW)
      ) r ON r.source = h.source AND r.event_ms = h.start_ms AND r.n = h.pm25_24h_hours WHERE r.n > 0`);
    const [row] = reader.getRowObjects();
    connection.closeSync();
    instance.closeSync();
    expect(Number(row.compared)).toBeGreaterThan(1000);
    expect(Number(row.off)).toBeLessThan(1e-9);
  });
});

describe('the command line', () => {
  const lantian = (...args: string[]) =>
    spawnSync(process.execPath, ['engine/cli/lantian.js', ...args], { cwd: root, encoding: 'utf8' });

  test('every verb has help with an example', () => {
    for (const verb of ['serve', 'simulate', 'run', 'replay', 'city', 'check', 'bench', 'demo']) {
      const { status, stdout } = lantian(verb, '--help');
      expect(status, verb).toBe(0);
      expect(stdout, verb).toContain('Example:');
    }
  });

  test.each([
    [['replay', 'x.csv'], 2, 'needs one of --out'],
    [['replay', 'package.json.none', '--out', '/tmp/none'], 1, 'there is no file'],
    [['replay', 'LICENSE', '--out', '/tmp/none'], 1, 'of no known shape'],
    [['serve', '--port', '99999'], 2, '--port is "99999"; allowed: 0 to 65535'],
    [['serve', '--edition', 'x'], 2, 'allowed: auto, hj633-2012'],
    [['serve', '--host', '0.0.0.0'], 1, 'only loopback'],
    [['simulate', 'nowhere'], 1, 'there is no such scenario'],
    [['nonsense'], 2, 'unknown command'],
    [['check', 'simulator/scenarios/quiet-week.yaml'], 0, ''],
  ] as const)('lantian %j ends with %d', (args, status, words) => {
    const result = lantian(...args);
    expect(result.stderr).toContain(words);
    expect(result.status).toBe(status);
  });

  test('city writes a register that check finds good; a wrong line is named', async () => {
    const dir = join(folder, 'register');
    expect(lantian('city', '--out', dir, '--describe').stdout).toContain(
      'all     162     184      51     313    5100     261       4      22       1',
    );
    expect(lantian('check', dir).status).toBe(0);
    const file = join(dir, 'sources.ndjson');
    const lines = (await readFile(file, 'utf8')).split('\n');
    lines[4] = lines[4].replace(/"lat":[\d.]+/, '"lat":377');
    await writeFile(file, lines.join('\n'));
    const { status, stdout } = lantian('check', dir);
    expect(status).toBe(1);
    expect(stdout).toContain('sources.ndjson:5: lat is not valid (value 377; allowed: a number from -90 to 90)');
  });
});
