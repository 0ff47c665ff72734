// Rows in order of event time, and what is settled.

import { expect, test } from 'vitest';
import { eventLog, type LoggedEvent } from '../../../../engine/stages/correlate/eventLog.ts';
import { chanceOfAtLeast } from '../../../../engine/stages/correlate/poisson.ts';

const event = (eventMs: number, source = 'A', id = 'a'): LoggedEvent => ({ eventMs, source, id });
const logOf = (events: readonly LoggedEvent[], most = 100) => {
  const log = eventLog<LoggedEvent>(most);
  for (const each of events) log.add(each);
  return log;
};

test('the order of arrival does not show: time, then source, then id', () => {
  const events = [event(1), event(2, 'A', 'a'), event(2, 'A', 'b'), event(2, 'B', 'a'), event(3)];
  expect(logOf(events).held).toEqual(events);
  expect(logOf([...events].reverse()).held).toEqual(events);
});

test('what is settled is taken out once, and nothing comes before it any more', () => {
  const log = logOf([event(1), event(2), event(3)]);
  expect(log.settle(2)).toEqual([event(1), event(2)]);
  expect(log.settle(2)).toEqual([]);
  expect([log.add(event(2)), log.add(event(2.5))]).toEqual([false, true]);
  expect(log.held).toEqual([event(2.5), event(3)]);
});

test('more than may be held are settled early, the oldest first', () => {
  const log = logOf([event(1), event(2), event(3), event(4)], 3);
  expect(log.settle(Number.NEGATIVE_INFINITY)).toEqual([event(1)]);
  expect(log.held.length).toBe(3);
});

// Tables of the Poisson distribution.
test.each([
  [0, 1, 1],
  [1, 1, 0.632121],
  [2, 1, 0.264241],
  [3, 0.5, 0.014388],
  [1, 0, 0],
])('at least %i where %d are usual', (count, expected, chance) => {
  expect(chanceOfAtLeast(count, expected)).toBeCloseTo(chance, 6);
});
