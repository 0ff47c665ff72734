import { expect, test } from 'vitest';
import { type Gathering, type OutputQueue, outputQueue } from '../../../engine/edge/outputQueue.ts';
import type { Output } from '../../../engine/pipeline/ports.ts';

const output = (seq: number): Output => ({ rows: [], windows: [], places: [], findings: [], incidents: [], nowMs: null, seq });

/** A taker that finishes one call each time it is let go. */
function slowQueue(gathering?: Gathering) {
  const taken: (number | string)[][] = [];
  const errors: string[] = [];
  const calls: PromiseWithResolvers<void>[] = [];
  const queue: OutputQueue = outputQueue(
    (outputs) => {
      taken.push(outputs.map(({ seq }) => seq));
      calls.push(withResolvers());
      return (calls.at(-1) as PromiseWithResolvers<void>).promise;
    },
    (error) => errors.push(error.message),
    gathering,
  );
  const offer = (...seqs: number[]) => {
    for (const seq of seqs) queue.offer(output(seq));
  };
  return { queue, taken, errors, offer, calls };
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
}

function withResolvers(): PromiseWithResolvers<void> {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Everything that can go on has gone on. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('outputs that wait are taken together and in order; settled counts rows that wait', async () => {
  const { queue, taken, offer, calls } = slowQueue();
  offer(1, 2);
  await turn();
  offer(3, 4);
  let isSettled = false;
  void queue.settled(2).then(() => {
    isSettled = true;
  });
  await turn();
  expect({ taken, waiting: queue.waiting, isSettled }).toEqual({ taken: [[1, 2]], waiting: 4, isSettled: false });
  calls[0].resolve();
  await turn();
  expect({ taken, waiting: queue.waiting, isSettled }).toEqual({
    taken: [
      [1, 2],
      [3, 4],
    ],
    waiting: 2,
    isSettled: true,
  });
  calls[1].resolve();
  await queue.settled(0);
  expect(queue.waiting).toBe(0);
});

test('work in between sees all that was offered before it and nothing after', async () => {
  const { queue, taken, offer, calls } = slowQueue();
  offer(1);
  const between = queue.inBetween(async () => taken.push(['between']));
  offer(2);
  await turn();
  expect(taken).toEqual([[1]]);
  calls[0].resolve();
  await between;
  await turn();
  expect(taken).toEqual([[1], ['between'], [2]]);
});

test('work in between comes at once when nothing waits, and its failure is its own', async () => {
  const { queue, errors } = slowQueue();
  expect(await queue.inBetween(async () => 7)).toBe(7);
  await expect(queue.inBetween(async () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
  expect(await queue.inBetween(async () => 8)).toBe(8);
  expect(errors).toEqual([]);
});

test('after a failure nothing more is taken, and whoever waits is told', async () => {
  const { queue, taken, errors, offer, calls } = slowQueue();
  offer(1);
  await turn();
  offer(2);
  const waits = [queue.settled(0), queue.inBetween(async () => 'work')].map((promise) => promise.catch((error) => error.message));
  calls[0].reject(new Error('the store is gone'));
  expect(await Promise.all(waits)).toEqual(['the store is gone', 'the store is gone']);
  offer(3);
  await expect(queue.settled(0)).rejects.toThrow('the store is gone');
  await expect(queue.inBetween(async () => {})).rejects.toThrow('the store is gone');
  expect({ taken, errors, waiting: queue.waiting }).toEqual({ taken: [[1]], errors: ['the store is gone'], waiting: 0 });
});

test('stop waits for what is being taken, drops the rest and lets everybody go', async () => {
  const { queue, taken, offer, calls } = slowQueue();
  offer(1);
  await turn();
  offer(2);
  const waits = Promise.all([queue.settled(0), queue.inBetween(async () => 'work')]);
  let isStopped = false;
  const stopping = queue.stop().then(() => {
    isStopped = true;
  });
  expect(await waits).toEqual([undefined, undefined]);
  expect(isStopped).toBe(false);
  calls[0].resolve();
  await stopping;
  offer(3);
  await turn();
  expect(taken).toEqual([[1]]);
});

/** Outputs without rows count as one row each. */
function gatheringQueue() {
  const pauses: PromiseWithResolvers<void>[] = [];
  const pause = () => {
    pauses.push(withResolvers());
    return (pauses.at(-1) as PromiseWithResolvers<void>).promise;
  };
  return { ...slowQueue({ rows: 3, pause }), pauses };
}

test('few rows wait for others until the pause ends', async () => {
  const { taken, offer, calls, pauses } = gatheringQueue();
  offer(1);
  await turn();
  offer(2);
  await turn();
  expect({ taken, pauses: pauses.length }).toEqual({ taken: [], pauses: 1 });
  pauses[0].resolve();
  await turn();
  expect(taken).toEqual([[1, 2]]);
  offer(3);
  calls[0].resolve();
  await turn();
  expect({ taken, pauses: pauses.length }).toEqual({ taken: [[1, 2]], pauses: 2 });
});

test('enough rows end the pause, or need none', async () => {
  const { taken, offer, calls, pauses } = gatheringQueue();
  offer(1);
  await turn();
  offer(2, 3);
  await turn();
  expect({ taken, pauses: pauses.length }).toEqual({ taken: [[1, 2, 3]], pauses: 1 });
  offer(4, 5, 6);
  calls[0].resolve();
  await turn();
  expect({ taken, pauses: pauses.length }).toEqual({
    taken: [
      [1, 2, 3],
      [4, 5, 6],
    ],
    pauses: 1,
  });
});

test('whoever waits ends the pause: settled, and work in between', async () => {
  const { queue, taken, offer, calls } = gatheringQueue();
  offer(1);
  await turn();
  const settled = queue.settled(0);
  await turn();
  expect(taken).toEqual([[1]]);
  calls[0].resolve();
  await settled;
  offer(2);
  await turn();
  const between = queue.inBetween(async () => taken.push(['between']));
  await turn();
  expect(taken).toEqual([[1], [2]]);
  calls[1].resolve();
  await between;
  expect(taken).toEqual([[1], [2], ['between']]);
});

test('stop ends the pause, and nothing is taken', async () => {
  const { queue, taken, offer } = gatheringQueue();
  offer(1);
  await turn();
  await queue.stop();
  expect({ taken, waiting: queue.waiting }).toEqual({ taken: [], waiting: 0 });
});
