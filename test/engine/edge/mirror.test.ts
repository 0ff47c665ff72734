import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MirrorOptions, openMirror } from '../../../engine/edge/store/mirror.ts';
import { sinkError } from '../../../engine/edge/store/sinkError.ts';
import type { Point, Sink } from '../../../engine/pipeline/ports.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lantian-mirror-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const point = (i: number): Point => ({
  measurement: 'air_1h',
  tags: { source: `S${i}` },
  fields: { pm25: i },
  timestampMs: i * 1000,
});
const points = (from: number, count: number) => Array.from({ length: count }, (_, i) => point(from + i));
const numbers = (taken: readonly Point[]) => taken.map(({ fields }) => fields.pm25);

/** A server that answers as told (a status per write, 200 when the list is over) and refuses bad points always. */
function server(statuses: number[] = [], bad: readonly number[] = []) {
  const taken: Point[] = [];
  let writes = 0;
  const sink: Sink = {
    name: 'test',
    async write(list) {
      writes += 1;
      const status = list.some(({ fields }) => bad.includes(fields.pm25)) ? 400 : (statuses.shift() ?? 200);
      if (status !== 200)
        throw sinkError('test', { statusCode: status, body: `status ${status}`, headers: { 'retry-after': '2' } });
      taken.push(...list);
    },
    async close() {},
  };
  return { sink, taken, writes: () => writes };
}

function open(sink: Sink, options: Partial<MirrorOptions> = {}) {
  return openMirror(sink, { dir, queueMax: 100, seed: 1, sleep: async () => {}, ...options });
}

describe('mirror', () => {
  test('what failed is tried again after growing, spread pauses, not before Retry-After, in order', async () => {
    const { sink, taken } = server([503, 503, 503, 503, 503, 429]);
    const pauses: number[] = [];
    const each = await open(sink, {
      sleep: async (ms) => {
        pauses.push(ms);
      },
    });
    for (let i = 0; i < 4; i++) await each.offer(points(i * 10, 10));
    await each.flushed();
    expect(numbers(taken)).toEqual(numbers(points(0, 40)));
    expect(pauses).toHaveLength(6);
    expect(Math.min(...pauses)).toBe(2_000);
    expect(pauses[5]).toBeGreaterThan(2_000);
    expect(each.health()).toMatchObject({ ok: true, written: 40, queued: 0, failed: 0, spoolBytes: 0 });
    await each.close();
  });

  test('a refused point is found among its neighbours and kept with the words of the server; the others arrive', async () => {
    const { sink, taken } = server([], [3, 17]);
    const each = await open(sink);
    await each.offer(points(0, 20));
    await each.flushed();
    expect(numbers(taken).sort((a, b) => a - b)).toEqual(numbers(points(0, 20)).filter((i) => i !== 3 && i !== 17));
    const dead = (await readFile(join(dir, 'dead-letter.ndjson'), 'utf8')).trim().split('\n');
    expect(dead.map((line) => JSON.parse(line) as { words: string; point: Point })).toMatchObject([
      { words: 'test answered 400: status 400', point: point(3) },
      { words: 'test answered 400: status 400', point: point(17) },
    ]);
    expect(each.health()).toMatchObject({ failed: 2, written: 18, spoolBytes: 0 });
    await each.close();
  });

  test.each([401, 404, 408, 429, 500, 503])('%d is tried again: somebody can mend it', async (status) => {
    const { sink, taken } = server([status]);
    const each = await open(sink);
    await each.offer(points(0, 3));
    await each.flushed();
    expect(taken).toHaveLength(3);
    await each.close();
  });

  test('an outage: memory stays bounded, health tells, everything arrives in order afterwards, in large writes', async () => {
    let isDown = true;
    let nowMs = 1_000;
    let wake: () => void = () => {};
    const { sink: up, taken, writes } = server();
    const sink: Sink = {
      ...up,
      async write(list) {
        if (isDown) throw sinkError('test', new Error('connect ECONNREFUSED'));
        return up.write(list);
      },
    };
    const sleep = () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      });
    const each = await open(sink, { nowMs: () => nowMs, sleep });
    for (let i = 0; i < 1_000; i++) await each.offer(points(i * 20, 20));
    nowMs += 600_000;
    const health = each.health();
    expect(health).toMatchObject({ ok: false, written: 0, oldestMs: 600_000 });
    expect(health.lastError).toContain('ECONNREFUSED');
    expect(health.queued).toBeLessThanOrEqual(100);
    expect(health.spoolBytes).toBeGreaterThan(100_000);
    isDown = false;
    wake();
    await each.flushed();
    expect(numbers(taken)).toEqual(numbers(points(0, 20_000)));
    expect(writes()).toBeLessThan(20);
    expect(each.health()).toMatchObject({ ok: true, spoolBytes: 0, oldestMs: 0 });
    await each.close();
  });

  test('a write that ends after the closing touches the files no more: the next start has them', async () => {
    let answer: () => void = () => {};
    const { sink } = server();
    const slow: Sink = { ...sink, write: () => new Promise((resolve) => (answer = resolve)) };
    const each = await open(slow, { closeWithinMs: 0 });
    await each.offer(points(0, 10));
    await each.close();
    const before = await stat(join(dir, 'sent'));
    answer();
    await each.flushed();
    const after = await stat(join(dir, 'sent'));
    expect([after.ino, after.size]).toEqual([before.ino, before.size]);
  });

  test('what a closed mirror had not written is in the spool for the next start; what it had is not written again', async () => {
    const { sink, taken } = server([200, ...Array<number>(50).fill(500)]);
    const first = await open(sink, { sleep: () => new Promise(() => {}), closeWithinMs: 0 });
    await first.offer(points(0, 10));
    await first.flushed();
    await first.offer(points(10, 10));
    await first.offer(points(20, 10));
    await first.close();
    expect(numbers(taken)).toEqual(numbers(points(0, 10)));
    const again = server();
    const second = await open(again.sink);
    await second.flushed();
    await second.offer(points(30, 5));
    await second.flushed();
    expect(numbers(again.taken)).toEqual(numbers(points(10, 25)));
    await second.close();
  });
});
