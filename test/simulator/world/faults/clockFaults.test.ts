import { describe, expect, it } from 'vitest';
import type { NetworkFault } from '../../../../simulator/world/episode.ts';
import { applyClocks } from '../../../../simulator/world/faults/clockFaults.ts';
import { faultPlan } from '../../../../simulator/world/faults/faultPlan.ts';
import { dayMs, episodeOf, hourMs, minuteMs, registerOf, rowsOf, startMs } from './faultCity.ts';

const register = registerOf({ air: 9, power: 9 });
const base: NetworkFault = {
  id: 'N1',
  kind: 'clock_skew',
  scope: { source: 'air-4', share: 1 },
  fromMs: hourMs,
  toMs: 11 * hourMs,
};

/** How far the clocks of all nine stations are ahead at a time. */
function offsets(faults: readonly NetworkFault[], afterMs: number, periodMs = 0): number[] {
  const apply = applyClocks(faultPlan(1, register, episodeOf({ networkFaults: faults })));
  const { time } = apply(rowsOf('air', 9, startMs + afterMs, periodMs));
  return Array.from(time, (eventMs) => eventMs - startMs - afterMs);
}

describe('wrong clocks', () => {
  it.each([
    ['a skew', { offsetMs: -480_000 }, -480_000],
    ['a growing skew half-way', { offsetMs: 480_000, grows: true }, 240_000],
    ['a jump', { kind: 'clock_jump' }, -hourMs],
    ['a wrong zone', { kind: 'clock_zone' }, 8 * hourMs],
  ] as const)('%s moves its source only', (_, fault, want) => {
    expect(offsets([{ ...base, ...fault }], 6 * hourMs)).toEqual([0, 0, 0, 0, want, 0, 0, 0, 0]);
  });

  it('are right before the fault and from its end on', () => {
    expect(offsets([base], hourMs - 1)[4]).toBe(0);
    expect(offsets([base], hourMs)[4]).toBe(480_000);
    expect(offsets([base], 11 * hourMs - 1)[4]).toBe(480_000);
    expect(offsets([base], 11 * hourMs)[4]).toBe(0);
  });

  it('stamp whole seconds, and means in whole periods', () => {
    const drifting: NetworkFault = { ...base, grows: true, toMs: hourMs + 7 * dayMs };
    expect(offsets([drifting], 5 * hourMs + minuteMs)[4]).toBe(11_000);
    expect(offsets([{ ...base, offsetMs: -480_000 }], 6 * hourMs, hourMs)[4]).toBe(0);
    expect(offsets([{ ...base, kind: 'clock_jump' }], 6 * hourMs, hourMs)[4]).toBe(-hourMs);
  });

  it('add up where two faults meet one clock', () => {
    expect(offsets([base, { ...base, id: 'N2', kind: 'clock_jump' }], 6 * hourMs)[4]).toBe(480_000 - hourMs);
  });

  it('leave the object and other kinds alone', () => {
    const apply = applyClocks(faultPlan(1, register, episodeOf({ networkFaults: [base] })));
    const meters = rowsOf('power', 9, startMs + 6 * hourMs);
    expect(apply(meters)).toBe(meters);
    expect(new Set(meters.time)).toEqual(new Set([startMs + 6 * hourMs]));
  });
});
