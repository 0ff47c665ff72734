import { describe, expect, test } from 'vitest';
import { makeShifts } from '../../../../simulator/world/activity/shifts.ts';
import { processesOf } from '../../../../simulator/world/processes.ts';
import { hourMs, minuteMs, mondayMs, smallCity } from './smallCity.ts';

const processes = processesOf(smallCity());
const indexOf = (shifts: string) => processes.findIndex(({ process }) => process.shifts === shifts);
const dayMs = 24 * hourMs;

function meanLoad(seed: number, fromMs: number, of: (i: number) => boolean): number {
  const shifts = makeShifts(seed, processes);
  let sum = 0;
  let rows = 0;
  for (let ms = fromMs; ms < fromMs + dayMs; ms += 15 * minuteMs) {
    shifts.step(ms);
    shifts.load.forEach((load, i) => {
      if (!of(i)) return;
      sum += load;
      rows++;
    });
  }
  return sum / rows;
}

describe('normal production', () => {
  test.each([
    ['continuous', 3, true],
    ['continuous', 12, true],
    ['day', 6.5, false],
    ['day', 10, true],
    ['day', 19, false],
    ['two', 5, false],
    ['two', 20, true],
    ['two', 23, false],
    ['three', 3, true],
  ])('%s shifts at %d h: works %s', (shift, hour, works) => {
    const shifts = makeShifts(1, processes);
    expect(shifts.loadAt(indexOf(shift), mondayMs + hour * hourMs) > 0).toBe(works);
  });

  test('the state depends on the time only, not on the steps before it', () => {
    const stepped = makeShifts(3, processes);
    for (let ms = mondayMs - 3 * hourMs; ms <= mondayMs + 9 * hourMs; ms += minuteMs) stepped.step(ms);
    const jumped = makeShifts(3, processes);
    jumped.step(mondayMs + 9 * hourMs);
    expect(stepped.load).toEqual(jumped.load);
    expect(stepped.treatmentOn).toEqual(jumped.treatmentOn);
    expect(stepped.load.some((load) => load > 0)).toBe(true);
  });

  test('the treatment starts 5 to 10 minutes before production and stops 5 minutes after it', () => {
    const shifts = makeShifts(1, processes);
    const i = indexOf('two');
    const plan = shifts.plan(i, Math.floor((mondayMs + 8 * hourMs) / dayMs));
    const onAt = (ms: number) => {
      shifts.step(ms);
      return shifts.treatmentOn[i];
    };
    expect(onAt(plan.startMs - 11 * minuteMs)).toBe(0);
    expect(onAt(plan.startMs - 5 * minuteMs)).toBe(1);
    expect(onAt(plan.endMs + 4 * minuteMs)).toBe(1);
    expect(onAt(plan.endMs + 5 * minuteMs)).toBe(0);
  });

  test('the Spring Festival stops nearly all but furnaces', () => {
    const notFurnace = (i: number) => processes[i].process.shifts !== 'continuous';
    const furnace = (i: number) => !notFurnace(i);
    for (const newYear of ['2024-02-10', '2025-01-29', '2026-02-17', '2027-02-06']) {
      const ms = Date.parse(`${newYear}T00:00:00+08:00`);
      expect(meanLoad(1, ms, notFurnace)).toBeLessThan(0.15 * meanLoad(1, mondayMs, notFurnace));
      expect(meanLoad(1, ms, furnace)).toBeGreaterThan(0.5 * meanLoad(1, mondayMs, furnace));
    }
  });

  test('Sundays are quieter than Mondays, furnaces do not care', () => {
    const day = (i: number) => processes[i].process.shifts === 'day';
    const furnace = (i: number) => processes[i].process.shifts === 'continuous';
    const sundayMs = mondayMs - dayMs;
    expect(meanLoad(1, sundayMs, day)).toBeLessThan(0.7 * meanLoad(1, mondayMs, day));
    expect(meanLoad(1, sundayMs, furnace)).toBeGreaterThan(0.8 * meanLoad(1, mondayMs, furnace));
  });
});
