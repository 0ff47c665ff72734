// What `lantian serve` says when it is up: the address first, then where everything is; the configuration only when asked for.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startText } from '../../../engine/cli/startText.ts';
import { configFrom } from '../../../engine/config.ts';

const bin = fileURLToPath(new URL('../../../engine/cli/lantian.js', import.meta.url));
const around = { folder: '.lantian/serve', store: 'duckdb', influx: [], influx2: [], webhook: [] } as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-start-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As a user runs it, until it has said where it listens. */
async function serve(...args: readonly string[]) {
  const data = ['--port', '0', '--no-viewer', '--store', 'memory', '--data', join(folder, 'data')];
  const child = spawn(process.execPath, [bin, 'serve', ...data, ...args]);
  const [out, err] = [text(child.stdout), text(child.stderr)];
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  return { out: await out, err: await err };
}

test('the address comes first, then data, clock, store, mirrors and options, a line each', async () => {
  const { out, err } = await serve('--clock', 'feed', '--option', 'holdMs=60000');
  const lines = out.trim().split('\n');
  expect(lines[0]).toMatch(/^Lantian is listening on http:\/\/127\.0\.0\.1:\d+ \(clock: feed\)$/);
  expect(lines.slice(1)).toEqual([
    `  data     ${join(folder, 'data')}`,
    '  clock    feed: of the one client that sends ticks',
    '  store    memory: gone when it stops',
    '  sent to  nobody',
    '  options  holdMs=60000, the rest as by default (--print-config shows all)',
  ]);
  expect(err).not.toContain('rowsQueuedMax');
});

test('the whole configuration is printed when asked for, and not among what scripts read', async () => {
  const { out, err } = await serve('--print-config');
  const [, json] = /^configuration (.*)$/m.exec(err) ?? [];
  expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(configFrom({ clock: 'wall', edition: 'auto' }))));
  expect(out.split('\n')[0]).toMatch(/^Lantian is listening on http:\S+ \(clock: wall\)$/);
});

test('mirrors are named without their passwords, tokens and paths that may be secret', () => {
  const said = startText({
    ...around,
    influx: ['http://me:geheim@127.0.0.1:8086/lantian'],
    influx2: ['http://:token@db:8086/ORG/BUCKET'],
    webhook: ['https://hooks.example/services/T0/secret?key=secret'],
    config: configFrom({}),
  });
  expect(said).toContain('  sent to  http://127.0.0.1:8086/lantian, http://db:8086/ORG/BUCKET, webhook https://hooks.example\n');
  expect(said).not.toMatch(/geheim|token|secret/);
});

test('what is as by default is not spelt out', () => {
  expect(startText({ ...around, config: configFrom({ clock: 'wall' }) })).toBe(`  data     .lantian/serve
  clock    wall: real time
  store    DuckDB, .lantian/serve/history.duckdb
  sent to  nobody
  options  as by default (--print-config shows all)
`);
  const ranges = startText({ ...around, config: configFrom({ 'range.air.pm10': '-5..5000', edition: 'cnemc' }) });
  expect(ranges).toContain('  options  ranges={"air.pm10":[-5,5000]}, edition=cnemc, the rest');
});
