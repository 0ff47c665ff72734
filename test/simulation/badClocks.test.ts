// Sources with bad clocks and bad lines among good ones: the good ones and the city do not notice.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFrom } from '../../engine/config.ts';
import type { Output } from '../../engine/pipeline/ports.ts';
import { catalog, type Kind } from '../../engine/schema/catalog.ts';
import { windowMs } from '../../engine/schema/window.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { openTestRun, testRegister } from '../harness/engine.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');
const minutes = 240;
const ids = (kind: Kind, count: number) =>
  testRegister.sources
    .filter((source) => source.kind === kind && source.cadenceMs === undefined) // a row a minute
    .slice(0, count)
    .map(({ id }) => id);
const stations = ids('air', 30);
const meters = ids('power', 100).length > 0 ? ids('power', 100) : Array.from({ length: 100 }, (_, i) => `meter ${i}`);
const [ahead, stepsBack, silent] = stations;
const slowMeters = new Set(meters.slice(0, 3));
const bad = new Set([ahead, stepsBack, silent, ...slowMeters]);

/** What a source's clock says at a minute; undefined: nothing is sent. */
function clockOf(source: string, minute: number): number | undefined {
  const nowMs = t0 + minute * minuteMs;
  if (source === ahead) return nowMs + 24 * hourMs;
  if (source === stepsBack && minute >= 100) return nowMs - 40 * minuteMs;
  if (source === silent && minute >= 70 && minute < 130) return undefined;
  return slowMeters.has(source) ? nowMs - 8 * minuteMs : nowMs;
}

function frameOf(kind: Kind, rows: readonly { readonly source: string; readonly eventMs: number }[]): Frame {
  const sources = [...new Set(rows.map(({ source }) => source))];
  return {
    kind,
    rows: rows.length,
    periodMs: 0,
    sources,
    source: Uint16Array.from(rows, ({ source }) => sources.indexOf(source)),
    time: Float64Array.from(rows, ({ eventMs }) => eventMs),
    values: { [kind === 'air' ? 'pm25' : 'kw']: Float64Array.from(rows, ({ eventMs }) => 50 + ((eventMs / minuteMs) % 7)) },
  };
}

test('a day ahead, 8 min slow, stepping back, an hour silent: others close in time, nothing is lost', async () => {
  const out = await mkdtemp(join(tmpdir(), 'lantian-clocks-'));
  const outputs: Output[] = [];
  const config = configFrom({ clock: 'feed', edition: 'hj633-2012' });
  const run = await openTestRun({
    config,
    out,
    live: () => ({ publish: (output) => outputs.push(output), save: () => null, restore: () => {} }),
  });
  const feed = run.feedIndex('city');
  let backlog: { source: string; eventMs: number }[] = [];
  let sent = 0;
  run.tick(t0); // before it nothing is known to be in the future
  for (let minute = 0; minute < minutes; minute++) {
    for (const [kind, sources] of [
      ['air', stations],
      ['power', meters],
    ] as const) {
      const rows = sources.flatMap((source) => {
        const eventMs = clockOf(source, minute);
        return eventMs === undefined ? [] : [{ source, eventMs }];
      });
      if (kind === 'air' && minute >= 70 && minute < 130) backlog.push({ source: silent, eventMs: t0 + minute * minuteMs });
      else if (kind === 'air') rows.push(...backlog.splice(0));
      sent += rows.length;
      run.intake.add(feed, frameOf(kind, rows));
    }
    for (let second = 10; second <= 60; second += 10) run.tick(t0 + minute * minuteMs + second * 1_000);
    await run.settled();
  }
  backlog = [];
  const names = (kind: Kind, index: number) => run.sources.id(kind, index);
  const late: string[] = [];
  const closed = new Set<string>();
  for (const { nowMs, windows, places } of outputs) {
    for (const { kind, size, rows, source, startMs, revision } of windows) {
      for (let i = 0; i < rows; i++) {
        const id = names(kind, source[i]);
        if (bad.has(id) || revision[i] > 0) continue;
        closed.add(`${kind} ${id} ${size} ${startMs[i]}`);
        const afterMs = (nowMs as number) - (startMs[i] + windowMs[size]);
        if (afterMs > catalog[kind].latenessMs + config.holdMs) late.push(`${id} ${size} ${startMs[i]}: ${afterMs}`);
      }
    }
    for (let i = 0; i < (places[0]?.rows ?? 0); i++) {
      const { place, startMs, revision } = places[0];
      if (revision[i] > 0) continue;
      closed.add(`place ${place[i]} ${startMs[i]}`);
      const afterMs = (nowMs as number) - (startMs[i] + hourMs);
      if (afterMs > catalog.air.latenessMs + config.holdMs) late.push(`${place[i]} ${startMs[i]}: ${afterMs}`);
    }
  }
  expect(late).toEqual([]);
  const good = [...stations, ...meters].filter((id) => !bad.has(id)).length;
  // All minutes but the last three, and three of four hours, are closed without waiting for the end.
  expect([...closed].filter((key) => key.includes(' 1m ')).length).toBeGreaterThanOrEqual(good * (minutes - 3));
  expect([...closed].filter((key) => key.startsWith(`place ${testRegister.city.code}`))).toHaveLength(minutes / 60 - 1);

  const answer = run.watermarks();
  const air = answer.kinds.find(({ kind }) => kind === 'air')!;
  expect(air.behindMs).toBeLessThanOrEqual(config.holdMs);
  expect(air.clocksOff.map(({ source }) => source)).toEqual(expect.arrayContaining([ahead, stepsBack]));
  const power = answer.kinds.find(({ kind }) => kind === 'power')!;
  expect(power.wrongClocks).toBe(slowMeters.size);
  expect(power.clocksOff).toEqual([...slowMeters].map((source) => ({ source, offsetMs: -8 * minuteMs - 10_000 })));

  await run.finish({});
  const { rows } = JSON.parse(await readFile(join(out, 'ledger.json'), 'utf8')) as {
    rows: { kind: Kind; received: number; bins: Record<string, number> }[];
  };
  const total = (bin: string, kind: Kind) => rows.find((row) => row.kind === kind)!.bins[bin];
  expect(rows.reduce((sum, { received }) => sum + received, 0)).toBe(sent);
  expect(run.ledger.isBalanced()).toBe(true);
  expect(total('quarantined', 'air')).toBe(minutes);
  // After the step back: 40 times that were sent before, then 100 that come late. Of the backlog the newest is on time.
  expect(total('duplicate', 'air')).toBe(40);
  expect(total('lateRevised', 'air')).toBe(100 + 59);
  expect(total('onTime', 'air')).toBe((stations.length - 1) * minutes - 40 - 159);
  const hours = (await readFile(join(out, 'windows-1h.ndjson'), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { source: string; startMs: number; captureMs: number });
  const capture = (source: string) => hours.filter((hour) => hour.source === source).map(({ captureMs }) => captureMs / minuteMs);
  expect(capture(silent)).toEqual([60, 60, 60, 60]); // it fills its silence: no minute of it is warm-up
  expect(capture([...slowMeters][0])).toEqual([8, 60, 60, 60, 52]);
  await rm(out, { recursive: true, force: true });
});
