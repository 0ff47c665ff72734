import { expect, test } from 'vitest';
import { type ProgressState, progress } from '../../simulator/progress.ts';

const t0 = Date.parse('2026-01-05T00:00:00+08:00');

/** Shows states at their times; the last line that was written, and everything. */
function shown(states: readonly (readonly [atMs: number, state: ProgressState])[], isTTY = true) {
  let text = '';
  let ms = 0;
  const bar = progress({ stream: { isTTY, columns: 200, write: (part: string) => (text += part) }, nowMs: () => ms });
  for (const [atMs, state] of states) {
    ms = atMs;
    bar.show(state);
  }
  bar.note('a note');
  bar.end();
  return { text, last: text.split('\u001b[K').at(-1) };
}

test('speed and time left go by the last seconds, not by a warm-up that was faster', () => {
  const warmUp = [0, 1, 2, 3, 4, 5].map(
    (s) => [s * 1000, { eventMs: t0 + s * 3_600_000, rows: s * 1000, share: s / 10 }] as const,
  );
  const paced = Array.from({ length: 31 }, (_, s) => {
    const at = 5 + s;
    return [at * 1000, { eventMs: t0 + 5 * 3_600_000 + s * 60_000, rows: 5000 + s * 10, share: 0.5 + s / 1000 }] as const;
  });
  expect(shown([...warmUp, ...paced]).last).toBe(
    '[###########.........] 53 %  ETA 8 min  2026-01-05 05:30  span 5.5 h  x60  10 rows/s  5300 rows\n',
  );
});

test('nothing is left at the end', () => {
  const { last } = shown([
    [0, { eventMs: t0, rows: 0, share: 0 }],
    [1000, { eventMs: t0 + 60_000, rows: 10, share: 1 }],
  ]);
  expect(last).toContain('100 %  ETA 0 s');
});

test('a note has a line of its own, and the progress goes on below', () => {
  const { text } = shown([[0, { eventMs: t0, rows: 0, share: 0 }]]);
  expect(text).toContain('rows\r\u001b[Ka note\n\r\u001b[K[');
});

test('without a terminal only notes are written', () => {
  expect(shown([[0, { eventMs: t0, rows: 0, share: 0 }]], false).text).toBe('a note\n');
});
