// Rows that are refused at the door: in the files, in the history, and in a replay of the recording.

import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { storePath } from '../../engine/app.ts';
import type { ServerMessage } from '../../engine/schema/messages.ts';
import { recordedRegister, recordingStart, replayJournal } from '../../simulator/lab/replayJournal.ts';
import { openTestRun, startEngine } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';

const t0 = Date.parse('2026-01-05T08:00:00+08:00');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-refused-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const frames = [
  '{"kind":"air","source":"1074A","time":"yesterday","pm25":1}',
  `{"kind":"air","source":"1074A","time":${t0},"pm25":"much"}`,
  `{"kind":"air","source":"1074A","time":${t0},"pm25":7}`,
  `[{"kind":"smell","source":"1074A","time":${t0}},{"kind":"air","source":"nobody","time":${t0},"pm25":1}]`,
  '{"kind":',
  Buffer.from([0xc1, 0, 1]),
];

/** What a feed on the feed clock is told between its hello and the answer to its tick. */
async function sendAll(url: string, clock: 'feed' | 'wall'): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ingest`);
  let problems = 0;
  await once(socket, 'open');
  const told = new Promise<void>((resolve) =>
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.type === 'problem') problems += 1;
      if (message.type === 'done' || (clock === 'wall' && problems === 6)) resolve();
    }),
  );
  socket.send(JSON.stringify({ type: 'hello', feed: 'device', clock }));
  for (const frame of frames) socket.send(frame);
  if (clock === 'feed') socket.send(JSON.stringify({ type: 'tick', nowMs: t0 + 60_000 }));
  await told;
  socket.close();
}

const read = (out: string) => Promise.all(equalFiles.map((name) => readFile(join(out, name), 'utf8')));

test.each(['feed', 'wall'] as const)('in rejected.ndjson, /api/rows-apart and a replay, on the %s clock', async (clock) => {
  const out = join(folder, clock);
  const engine = await startEngine({ settings: { clock }, out, strict: true, store: { duckdb: storePath(out) } });
  await sendAll(engine.url, clock);
  // On the wall clock what was refused goes out with the next tick.
  const from = engine.run.nowMs as number;
  if (clock === 'wall') await expect.poll(() => engine.run.nowMs, { timeout: 10_000 }).toBeGreaterThan(from);
  await engine.run.written();
  const apart = (await (await fetch(`${engine.url}/api/rows-apart?bin=rejected`)).json()) as { rows: object[] };
  await engine.close();
  const { length } = apart.rows;
  expect(length).toBe(6);
  expect(apart.rows).toEqual(
    expect.arrayContaining([
      {
        ...{ kind: 'air', source: '1074A', eventMs: null, periodMs: null, bin: 'rejected', problem: 'bad-time' },
        values: { rows: 1, field: 'time', value: 'yesterday' },
      },
      expect.objectContaining({ source: '1074A', eventMs: t0, problem: 'bad-value' }),
      expect.objectContaining({ kind: '', source: '1074A', eventMs: t0, problem: 'unknown-kind' }),
      expect.objectContaining({ kind: 'air', source: 'nobody', problem: 'unknown-source' }),
      expect.objectContaining({ kind: '', source: '', problem: 'bad-msgpack', values: { rows: 0 } }),
    ]),
  );
  const files = await read(out);
  const lines = files[equalFiles.indexOf('rejected.ndjson')].trim().split('\n');
  expect(lines).toHaveLength(6);
  expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual({
    ...{ eventMs: t0, kind: 'air', source: '1074A', feed: 'device', rows: 1 },
    ...{ field: 'pm25', value: 'much', problem: 'bad-value' },
  });
  const ledger = JSON.parse(files[equalFiles.indexOf('ledger.json')]) as object;
  expect(ledger).toMatchObject({
    rows: [{ feed: 'device', received: 5, bins: { onTime: clock === 'feed' ? 1 : 0, rejected: 4 } }],
    refusedFrames: [{ feed: 'device', codes: { 'bad-json': 1, 'bad-msgpack': 1, 'unknown-source': 1 } }],
  });

  const path = join(out, 'input.journal');
  const { pipeline } = await recordingStart(path);
  const again = await openTestRun({ pipeline, register: recordedRegister(pipeline), out: join(folder, `${clock} again`) });
  await replayJournal(again, path, {});
  await again.finish({});
  const found = await read(join(folder, `${clock} again`));
  for (const [i, name] of equalFiles.entries()) expect(found[i] === files[i], name).toBe(true);
});

test('a crash between a refused frame and its acknowledgement counts it once', async () => {
  const out = join(folder, 'crash');
  const options = { out, recording: { path: join(out, 'input.journal'), isDurable: true } };
  const first = await openTestRun(options);
  const refuse = (run: typeof first) =>
    run.refused({ feed: run.feedIndex('f'), kind: 'air', rows: 3, code: 'bad-length', isFrame: true });
  refuse(first);
  await first.durable(); // of something else: the frame has not been handed on
  await first.abandon();
  const second = await openTestRun(options);
  expect(second.ledger.ledger().rows).toEqual([]);
  refuse(second);
  await second.pushArrived(new Map([['f', 0]]));
  await second.abandon();
  const third = await openTestRun(options);
  expect(third.nextSeq.get('f')).toBe(1);
  expect(third.ledger.ledger()).toMatchObject({
    rows: [{ received: 3, bins: { rejected: 3 } }],
    refusedFrames: [{ feed: 'f', codes: { 'bad-length': 1 } }],
  });
  third.tick(t0);
  await third.finish({});
  expect(await readFile(join(out, 'rejected.ndjson'), 'utf8')).toBe(
    '{"eventMs":null,"kind":"air","source":null,"feed":"f","rows":3,"problem":"bad-length"}\n',
  );
});
