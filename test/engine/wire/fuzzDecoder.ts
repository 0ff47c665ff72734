// Decodes mutated frames; exits 1 when one takes longer than 50 ms. Run by codecs.test.ts in a process of its own.

import { columnsDecoder } from '../../../engine/wire/columns.ts';
import { decodeText } from '../../../engine/wire/control.ts';
import { encodeColumns } from '../../../engine/wire/encodeColumns.ts';
import { decodeJsonValue } from '../../../engine/wire/json.ts';
import { defaultWireLimits } from '../../../engine/wire/limits.ts';
import { uniform } from '../../../simulator/world/random.ts';

const count = Number(process.argv[2]);
const sources = Array.from({ length: 40 }, (_, i) => `站点-${i}`);
const valid = encodeColumns({
  kind: 'air',
  seq: 7,
  rows: 40,
  periodMs: 60_000,
  sources,
  source: Uint16Array.from(sources, (_, i) => i),
  time: Float64Array.from(sources, (_, i) => 1_767_571_200_000 + i),
  values: { pm25: Float32Array.from(sources, (_, i) => i), o3: Float64Array.from(sources, (_, i) => i) },
});
const decoder = columnsDecoder(defaultWireLimits);
let slowestMs = 0;
for (let i = 0; i < count; i++) {
  const random = (k: number) => uniform(i, k, 0);
  const bytes = Uint8Array.from(valid.subarray(0, random(1) < 0.3 ? Math.floor(random(2) * valid.length) : valid.length));
  const changes = Math.floor(random(3) * 6);
  for (let k = 0; k < changes; k++) bytes[Math.floor(random(10 + k) * bytes.length)] = Math.floor(random(30 + k) * 256);
  const startMs = performance.now();
  decoder.decode(bytes);
  const text = decodeText(Buffer.from(bytes).toString('latin1'));
  if ('rows' in text) decodeJsonValue(text.rows, defaultWireLimits);
  slowestMs = Math.max(slowestMs, performance.now() - startMs);
}
console.log(JSON.stringify({ frames: count, slowestMs }));
process.exitCode = slowestMs > 50 ? 1 : 0;
