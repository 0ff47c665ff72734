import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { columnsDecoder } from '../../../engine/wire/columns.ts';
import { jsonRow } from '../../../engine/wire/json.ts';
import { defaultWireLimits } from '../../../engine/wire/limits.ts';
import { startEngine } from '../../harness/engine.ts';

const folder = new URL('../../../engine/wire/', import.meta.url);
const vectors = JSON.parse(readFileSync(new URL('vectors.json', folder), 'utf8')) as {
  name: string;
  hex: string;
  seq?: number;
  rows: object[];
}[];

test.each(vectors)('vector: $name', ({ hex, seq, rows }) => {
  const { frames, problems } = columnsDecoder(defaultWireLimits).decode(Buffer.from(hex, 'hex'));
  expect(problems).toEqual([]);
  expect(frames[0].seq).toBe(seq);
  expect(Array.from({ length: frames[0].rows }, (_, row) => jsonRow(frames[0], row))).toEqual(rows);
});

test('the Python sender gets its rows in', async () => {
  const engine = await startEngine({ settings: { clock: 'wall' } });
  const { hostname, port } = new URL(engine.url);
  const python = spawn('python3', [fileURLToPath(new URL('sender.py', folder)), hostname, port]);
  let output = '';
  python.stdout.on('data', (data) => {
    output += String(data);
  });
  python.stderr.on('data', (data) => {
    output += String(data);
  });
  const code = await new Promise((resolve) => python.on('exit', resolve).on('error', () => resolve('python3 is missing')));
  expect(code, output).toBe(0);
  expect(output).toContain("'type': 'ack', 'seq': 0");
  expect(engine.run.ledger.ledger().rows[0]).toMatchObject({ feed: 'python', kind: 'air', received: 2 });
  await engine.close();
});
