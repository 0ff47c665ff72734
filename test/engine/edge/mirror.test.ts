import { describe, expect, test } from 'vitest';
import { mirror } from '../../../engine/edge/store/mirror.ts';
import { sinkError } from '../../../engine/edge/store/sinkError.ts';
import type { Output, Sink } from '../../../engine/pipeline/ports.ts';
import { outputsOf } from '../../harness/outputs.ts';

const outputs = outputsOf(
  ['A'],
  [0, 1, 2, 3].map((hour) => [{ station: 0, hour, values: { pm25: 100 } }]),
).filter((output) => output.windows.length > 0);

/** A server that answers as told: a status per write, 200 when the list is over. */
function server(statuses: number[]) {
  const taken: Output[] = [];
  const sink: Sink = {
    name: 'test',
    async write(output) {
      const status = statuses.shift() ?? 200;
      if (status !== 200)
        throw sinkError('test', { statusCode: status, body: `status ${status}`, headers: { 'retry-after': '2' } });
      taken.push(output);
    },
    async close() {},
  };
  return { sink, taken };
}

describe('mirror', () => {
  test('what failed is tried again after growing pauses, in order', async () => {
    const { sink, taken } = server([503, 503, 429]);
    const pauses: number[] = [];
    const each = mirror(sink, {
      queueMax: 10,
      retryMs: [100, 3_000, 5_000],
      sleep: async (ms) => {
        pauses.push(ms);
      },
    });
    for (const output of outputs) each.offer(output);
    await each.flushed();
    expect(taken).toEqual(outputs);
    expect(pauses).toEqual([2_000, 3_000, 5_000]);
    expect(each.health()).toMatchObject({ ok: true, written: outputs.length, queued: 0, failed: 0 });
  });

  test('what the server refuses is given up at once, counted, and shown with its words', async () => {
    const { sink, taken } = server([400]);
    const each = mirror(sink, { queueMax: 10, sleep: async () => {} });
    for (const output of outputs) each.offer(output);
    await each.flushed();
    expect(taken).toEqual(outputs.slice(1));
    expect(each.health()).toMatchObject({ ok: false, failed: 1, lastError: 'test answered 400: status 400' });
  });

  test('retries are bounded: what a long outage lost is counted', async () => {
    const { sink } = server(Array(6).fill(500));
    const each = mirror(sink, { queueMax: 10, retryMs: [1, 1], sleep: async () => {} });
    for (const output of outputs.slice(0, 2)) each.offer(output);
    await each.flushed();
    expect(each.health()).toMatchObject({ ok: false, written: 0, failed: 2 });
  });

  test('the queue is bounded: the oldest gives way and is counted', async () => {
    const { sink, taken } = server([500]);
    let wake: () => void = () => {};
    const each = mirror(sink, {
      queueMax: 2,
      sleep: () =>
        new Promise((resolve) => {
          wake = resolve;
        }),
    });
    for (const output of outputs) each.offer(output); // one is being written, two wait, one more
    expect(each.health()).toMatchObject({ failed: 1 });
    await Promise.resolve();
    await Promise.resolve();
    wake();
    await each.flushed();
    expect(taken).toEqual([outputs[0], outputs[2], outputs[3]]);
  });

  test('closing during an outage gives each a last try and does not wait', async () => {
    const { sink } = server(Array(99).fill(500));
    const each = mirror(sink, {
      queueMax: 10,
      retryMs: Array(50).fill(1),
      closeWithinMs: 20,
      sleep: () => new Promise(() => {}),
    });
    for (const output of outputs) each.offer(output);
    await each.close();
    expect(each.health()).toMatchObject({ ok: false, failed: outputs.length });
  });
});
