import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBeijing } from '../../../engine/domain/calendar.ts';
import { assess, levelRank } from '../../../engine/domain/warningCriteria.ts';
import { criteriaAt, editions } from '../../../engine/domain/warningEditions.ts';
import {
  type Assessment,
  type CriteriaId,
  criteriaIds,
  type DurationReading,
  type Reason,
  type RollingHour,
} from '../../../engine/schema/warning.ts';
import { demanded, demandedAt } from '../../harness/criteriaOracle.ts';

const hourMs = 3_600_000;
const gap = Number.NaN;
const firstMs = fromBeijing(2025, 12, 20);
const readings: readonly DurationReading[] = ['blocks', 'rolling'];

/** `now`: position of the present hour; later ones are forecast. */
function hoursOf(aqi: readonly number[], now: number, startMs = firstMs): RollingHour[] {
  return aqi.map((aqi24, i) => ({
    hourMs: startMs + i * hourMs,
    aqi24,
    isForecast: i > now,
    byPm25: true,
    stations: i > now ? 0 : 12,
    stationsAll: i > now ? 0 : 15,
  }));
}

function judge(
  aqi: readonly number[],
  now: number,
  criteria: CriteriaId,
  reading: DurationReading,
  startMs = firstMs,
): Assessment {
  return assess({ atMs: startMs + (now + 1) * hourMs, hours: hoursOf(aqi, now, startMs), criteria, reading });
}

/** Clean air long enough for everything before to be known. */
const clean = (hours = 120) => Array<number>(hours).fill(60);
const level = (aqi: number, hours: number) => Array<number>(hours).fill(aqi);

function textOf({ zh, en, isMet, parts }: Reason, depth = 0): string {
  const sign = isMet === undefined ? '?' : isMet ? '+' : '-';
  return [`${' '.repeat(depth)}${sign} ${zh} | ${en}`, ...(parts ?? []).map((part) => textOf(part, depth + 1))].join('\n');
}

describe('editions', () => {
  test.each([
    [fromBeijing(2013, 1, 1), 'jjj-2016'],
    [fromBeijing(2016, 12, 31), 'jjj-2016'],
    [fromBeijing(2017, 9, 20) - 1, 'jjj-2016'],
    [fromBeijing(2017, 9, 20), 'mep-2017'],
    [fromBeijing(2018, 3, 10), 'mep-2017'],
    [fromBeijing(2019, 2, 16), 'mee-2018'],
    [fromBeijing(2024, 4, 1) - 1, 'mee-2018'],
    [fromBeijing(2024, 4, 1), 'mee-2024'],
    [fromBeijing(2030, 1, 1), 'mee-2024'],
  ])('at %d the criteria are %s', (ms, id) => {
    expect(criteriaAt(ms)).toBe(id);
  });

  test('every one is there, with a source, and lifts and merges at 36 hours', () => {
    expect(editions.map(({ id }) => id)).toEqual([...criteriaIds]);
    for (const edition of editions) {
      expect(edition.source).not.toBe('');
      expect([edition.liftHours, edition.mergeHours]).toEqual([36, 36]);
    }
  });
});

describe('boundaries', () => {
  /** Hours of rolling index above, from the present hour on. Reading A needs 24·(k−1)+1 of them, reading B all 24·k. */
  const cases: readonly (readonly [CriteriaId, aqi: number, hours: number, blocks: string, rolling: string])[] = [
    ['mee-2024', 150, 96, '-', '-'],
    ['mee-2024', 151, 24, '-', '-'],
    ['mee-2024', 151, 25, 'yellow', '-'],
    ['mee-2024', 151, 47, 'yellow', '-'],
    ['mee-2024', 151, 48, 'yellow', 'yellow'],
    ['mee-2024', 151, 49, 'orange', 'yellow'],
    ['mee-2024', 151, 71, 'orange', 'yellow'],
    ['mee-2024', 151, 72, 'orange', 'orange'],
    ['mee-2024', 200, 24, '-', '-'],
    ['mee-2024', 200, 96, 'orange', 'orange'],
    ['mee-2024', 201, 1, 'yellow', '-'],
    ['mee-2024', 201, 23, 'yellow', '-'],
    ['mee-2024', 201, 24, 'yellow', 'yellow'],
    ['mee-2024', 201, 25, 'orange', 'yellow'],
    ['mee-2024', 201, 48, 'orange', 'orange'],
    ['mee-2024', 300, 96, 'orange', 'orange'],
    ['mee-2024', 301, 48, 'orange', 'orange'],
    ['mee-2024', 301, 49, 'red', 'orange'],
    ['mee-2024', 301, 71, 'red', 'orange'],
    ['mee-2024', 301, 72, 'red', 'red'],
    ['mee-2018', 200, 200, '-', '-'],
    ['mee-2018', 201, 24, '-', '-'],
    ['mee-2018', 201, 25, 'yellow', '-'],
    ['mee-2018', 201, 48, 'yellow', 'yellow'],
    ['mee-2018', 201, 49, 'orange', 'yellow'],
    ['mee-2018', 201, 72, 'orange', 'orange'],
    ['mee-2018', 201, 200, 'orange', 'orange'],
    ['mee-2018', 301, 72, 'orange', 'orange'],
    ['mee-2018', 301, 73, 'red', 'orange'],
    ['mee-2018', 301, 96, 'red', 'red'],
    ['mee-2018', 499, 1, '-', '-'],
    ['mee-2018', 500, 1, 'red', 'red'],
    ['jjj-2016', 200, 200, '-', '-'],
    ['jjj-2016', 201, 1, 'blue', 'blue'],
    ['jjj-2016', 201, 25, 'yellow', 'blue'],
    ['jjj-2016', 201, 48, 'yellow', 'yellow'],
    ['jjj-2016', 300, 200, 'yellow', 'yellow'],
    ['jjj-2016', 301, 48, 'yellow', 'yellow'],
    ['jjj-2016', 301, 49, 'orange', 'yellow'],
    ['jjj-2016', 301, 72, 'orange', 'orange'],
    ['jjj-2016', 301, 73, 'red', 'orange'],
    ['jjj-2016', 301, 95, 'red', 'orange'],
    ['jjj-2016', 301, 96, 'red', 'red'],
    ['jjj-2016', 499, 24, 'blue', 'blue'],
    ['jjj-2016', 500, 1, 'red', 'blue'],
    ['jjj-2016', 500, 23, 'red', 'blue'],
    ['jjj-2016', 500, 24, 'red', 'red'],
    ['mep-2017', 300, 200, 'yellow', 'yellow'],
    ['mep-2017', 301, 73, 'red', 'orange'],
    ['mep-2017', 500, 24, 'red', 'red'],
  ];
  test.each(cases)('%s: AQI %d in %d hours is %s in blocks, %s on the rolling index', (id, aqi, hours, blocks, rolling) => {
    const series = [...clean(), ...level(aqi, hours), ...clean(30)];
    readings.forEach((reading, i) => {
      const found = judge(series, 119, id, reading);
      expect([found.level ?? '-', found.cannotTell]).toEqual([[blocks, rolling][i], false]);
    });
  });

  test('an hour between two days does not hurt in blocks, and does on the rolling index', () => {
    const series = [...clean(), ...level(210, 24), 190, ...level(210, 24), ...clean(30)];
    expect(judge(series, 119, 'mee-2024', 'blocks').level).toBe('orange');
    expect(judge(series, 119, 'mee-2024', 'rolling').level).toBe('yellow');
  });

  test('days above 200 and days above 300 in two episodes make no red', () => {
    const two = [...clean(), ...level(250, 96), ...clean(72), ...level(350, 48), ...clean(30)];
    const found = judge(two, 119, 'jjj-2016', 'rolling');
    expect(found.level).toBe('yellow');
    expect(textOf(found.reason)).toContain('各条不在同一过程内 | ');
    const one = [...clean(), ...level(250, 96), ...level(350, 48), ...clean(30)];
    expect(judge(one, 119, 'jjj-2016', 'rolling').level).toBe('red');
  });

  test.each([
    ['midnight', fromBeijing(2025, 11, 10, 20)],
    ['the end of a month', fromBeijing(2025, 11, 30, 20)],
    ['the end of a year', fromBeijing(2025, 12, 31, 13)],
    ['a leap day', fromBeijing(2028, 2, 28, 22)],
  ])('days may cross %s', (_, startMs) => {
    const series = [...clean(), ...level(201, 48), ...clean(24)];
    const shifted = startMs - 120 * hourMs;
    const found = judge(series, 119, 'mee-2024', 'rolling', shifted);
    expect(found).toMatchObject({ level: 'orange', fromMs: startMs - 23 * hourMs, metMs: startMs + 48 * hourMs });
    // In blocks any start hour counts, so the second block is complete 25 hours after the first value.
    expect(judge(series, 119, 'mee-2024', 'blocks', shifted)).toMatchObject({ level: 'orange', metMs: startMs + 25 * hourMs });
  });
});

describe('the present hour', () => {
  const series = [...clean(), ...level(210, 25), ...clean(40)];
  test('what is over starts nothing', () => {
    expect(judge(series, 144, 'mee-2018', 'blocks').level).toBe('yellow');
    expect(judge(series, 145, 'mee-2018', 'blocks')).toMatchObject({ level: undefined, cannotTell: false });
  });
  test('within an hour the last full one is the present', () => {
    const input = { hours: hoursOf(series, 144), criteria: 'mee-2018', reading: 'blocks' } as const;
    expect(assess({ ...input, atMs: firstMs + 145 * hourMs + 59 * 60_000 }).level).toBe('yellow');
    expect(assess({ ...input, atMs: firstMs + 146 * hourMs }).level).toBeUndefined();
  });
  test('monitoring alone is enough', () => {
    expect(judge(series.slice(0, 145), 144, 'mee-2018', 'blocks').level).toBe('yellow');
    expect(judge(series.slice(0, 144), 143, 'mee-2018', 'blocks').level).toBeUndefined();
  });
  test('hours that are not contiguous are a bug', () => {
    const hours = hoursOf(series, 144).filter((_, i) => i !== 7);
    expect(() => assess({ atMs: 0, hours, criteria: 'mee-2018', reading: 'blocks' })).toThrow('BUG: hour 7');
  });
});

describe('what is not known', () => {
  test.each([
    ['nothing at all', [], 0, undefined, true],
    ['a series that has stopped', [...clean(), ...level(210, 20)], 150, undefined, true],
    ['a series that begins now, clean', clean(1), 0, undefined, false],
    ['a series that begins now, dirty', level(210, 30), 0, 'orange', true],
    ['gaps that could complete a day', [...clean(), ...level(210, 24), ...level(gap, 5), ...clean()], 143, undefined, true],
    ['gaps that could not', [...clean(), gap, ...clean()], 160, undefined, false],
  ] as const)('%s', (_, aqi, now, want, cannotTell) => {
    const found = judge(aqi, now, aqi.length === 30 ? 'mee-2024' : 'mee-2018', 'blocks');
    expect([found.level, found.cannotTell]).toEqual([want, cannotTell]);
    if (cannotTell && want === undefined) expect(found.reason.isMet).toBeUndefined();
  });

  test.each([
    ['in a stretch now', [...clean(), ...level(210, 49), ...clean(40)], 125, 0],
    ['a stretch begins in the next hour', [...clean(), ...level(210, 49), ...clean(40)], 119, 0],
    ['a stretch begins in ten hours', [...clean(), ...level(210, 49), ...clean(40)], 109, 10],
    ['clean to the end', [...clean(), ...clean(40)], 119, 40],
    ['without a forecast', clean(), 119, undefined],
    ['a gap in the next hour could reach 500', [...clean(), gap, ...clean(40)], 119, undefined],
    ['a gap that could begin something', [...clean(), ...clean(10), ...level(gap, 30)], 119, 10],
    ['the last forecast hour could begin something', [...clean(), ...clean(10), 210], 119, 10],
    ['the present hour is a gap', [...clean(), ...level(gap, 26), ...clean(40)], 125, undefined],
  ] as const)('below yellow: %s', (_, aqi, now, want) => {
    expect(judge(aqi, now, 'mee-2018', 'blocks').belowForHours).toBe(want);
  });

  test('blue is below yellow', () => {
    expect(judge([...clean(), ...level(210, 20), ...clean(40)], 120, 'jjj-2016', 'blocks')).toMatchObject({
      level: 'blue',
      belowForHours: 59,
    });
  });
});

const worst = fc.constantFrom(60, 150, 151, 200, 201, 250, 300, 301, 350, 499, 500);
/** Pieces of equal air, so that long stretches turn up; the cuts lie at lengths that matter. */
const piece = (value: fc.Arbitrary<number>) =>
  fc.tuple(value, fc.constantFrom(1, 2, 23, 24, 25, 47, 48, 49, 71, 72, 73, 96)).map(([aqi, hours]) => level(aqi, hours));
const seriesOf = (value: fc.Arbitrary<number>) =>
  fc.array(piece(value), { minLength: 1, maxLength: 7 }).map((pieces) => pieces.flat());
const id = fc.constantFrom(...criteriaIds);
const readingOf = fc.constantFrom(...readings);
const withNow = (value: fc.Arbitrary<number>) =>
  seriesOf(value).chain((aqi) => fc.record({ aqi: fc.constant(aqi), now: fc.nat(aqi.length - 1) }));
/** Everything before the series is known to be clean. */
const known = (aqi: readonly number[]) => [...clean(), ...aqi];

describe('laws', () => {
  test('the level is the one of the oracle', () => {
    fc.assert(
      fc.property(withNow(worst), id, readingOf, ({ aqi, now }, criteria, reading) => {
        const found = judge(known(aqi), now + 120, criteria, reading);
        expect(found.level).toBe(demandedAt(known(aqi), now + 120, criteria, reading));
        expect(found.cannotTell).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  test('from, met and below are those of the oracle', () => {
    fc.assert(
      fc.property(withNow(worst), id, readingOf, ({ aqi, now }, criteria, reading) => {
        const series = known(aqi);
        const found = judge(series, now + 120, criteria, reading);
        const episodes = demanded(series, criteria, reading);
        if (found.level !== undefined) {
          const own = episodes[found.level].filter(([, last]) => last >= now + 120);
          expect(own.map(([first]) => firstMs + (first - 23) * hourMs)).toContain(found.fromMs);
          expect(found.metMs).toBeGreaterThan(found.fromMs as number);
        }
        const covered = (i: number) =>
          (['yellow', 'orange', 'red'] as const).some((each) => episodes[each].some(([first, last]) => first <= i && i <= last));
        if (covered(now + 120)) expect(found.belowForHours).toBe(0);
        else {
          const next = series.findIndex((_, i) => i > now + 120 && covered(i));
          expect(found.belowForHours ?? 0).toBeLessThanOrEqual((next < 0 ? series.length : next) - now - 121);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('what the rolling index meets, blocks meet too; they differ only where no stretch is long enough without a dip', () => {
    fc.assert(
      fc.property(withNow(worst), id, ({ aqi, now }, criteria) => {
        const series = known(aqi);
        const [blocks, rolling] = readings.map((reading) => judge(series, now + 120, criteria, reading));
        expect(levelRank(blocks.level)).toBeGreaterThanOrEqual(levelRank(rolling.level));
        // Runs that last whole days, and apart for longer than a day, leave nothing to read differently.
        const limits = [150, 200, 300, 499];
        const runs = limits.flatMap((limit) => runLengths(series, (value) => value > limit));
        const gaps = limits.flatMap((limit) => runLengths(series, (value) => value <= limit));
        if (runs.every((hours) => hours % 24 === 0) && gaps.every((hours) => hours >= 96))
          expect(blocks.level).toBe(rolling.level);
        if (blocks.level === rolling.level) return;
        // The longest run above some limit is between the 24(k-1)+1 hours of blocks and the 24k hours of the rolling index, or dips.
        expect(runs.some((hours) => hours % 24 !== 0) || gaps.some((hours) => hours < 96)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('hours that become unknown lower no level without saying so', () => {
    fc.assert(
      fc.property(
        withNow(worst),
        id,
        readingOf,
        fc.array(fc.tuple(fc.nat(700), fc.integer({ min: 1, max: 60 })), { maxLength: 4 }),
        ({ aqi, now }, criteria, reading, holes) => {
          const series = known(aqi);
          const holed = series.map((value, i) => (holes.some(([first, hours]) => i >= first && i < first + hours) ? gap : value));
          const before = judge(series, now + 120, criteria, reading);
          const after = judge(holed, now + 120, criteria, reading);
          expect(levelRank(after.level)).toBeLessThanOrEqual(levelRank(before.level));
          if (after.level !== before.level) expect(after.cannotTell).toBe(true);
          if (after.belowForHours !== undefined) expect(after.belowForHours).toBeLessThanOrEqual(before.belowForHours ?? 0);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('cannot tell means: some way to fill the gaps gives a higher level, and none does where it can be told', () => {
    fc.assert(
      fc.property(withNow(fc.oneof(worst, fc.constant(gap))), id, readingOf, ({ aqi, now }, criteria, reading) => {
        const series = known(aqi);
        const found = judge(series, now + 120, criteria, reading);
        const filled = series.map((value) => (Number.isNaN(value) ? 500 : value));
        const worstLevel = demandedAt(filled, now + 120, criteria, reading);
        expect(found.level).toBe(demandedAt(series, now + 120, criteria, reading));
        expect(found.cannotTell).toBe(levelRank(worstLevel) > levelRank(found.level));
      }),
      { numRuns: 150 },
    );
  });

  test('missing hours before and behind change no level', () => {
    fc.assert(
      fc.property(
        withNow(fc.oneof(worst, fc.constant(gap))),
        id,
        readingOf,
        fc.nat(130),
        fc.nat(130),
        ({ aqi, now }, criteria, reading, before, behind) => {
          const plain = judge(aqi, now, criteria, reading);
          const longer = judge(
            [...level(gap, before), ...aqi, ...level(gap, behind)],
            now + before,
            criteria,
            reading,
            firstMs - before * hourMs,
          );
          expect([longer.level, longer.fromMs, longer.metMs]).toEqual([plain.level, plain.fromMs, plain.metMs]);
          if (plain.cannotTell) expect(longer.cannotTell).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('forecast hours never remove a stretch that reaches the present', () => {
    fc.assert(
      fc.property(withNow(worst), id, readingOf, ({ aqi, now }, criteria, reading) => {
        const series = known(aqi);
        const alone = judge(series.slice(0, now + 121), now + 120, criteria, reading);
        const joined = judge(series, now + 120, criteria, reading);
        expect(levelRank(joined.level)).toBeGreaterThanOrEqual(levelRank(alone.level));
      }),
      { numRuns: 150 },
    );
  });

  test('more pollution never gives a lower level', () => {
    fc.assert(
      fc.property(
        withNow(worst),
        id,
        readingOf,
        fc.nat(700),
        fc.integer({ min: 1, max: 100 }),
        ({ aqi, now }, criteria, reading, first, hours) => {
          const series = known(aqi);
          const worse = series.map((value, i) => (i >= first && i < first + hours ? Math.max(value, 301) : value));
          expect(levelRank(judge(worse, now + 120, criteria, reading).level)).toBeGreaterThanOrEqual(
            levelRank(judge(series, now + 120, criteria, reading).level),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

function runLengths(series: readonly number[], holds: (aqi: number) => boolean): number[] {
  const lengths: number[] = [];
  let length = 0;
  for (const value of [...series, Number.NEGATIVE_INFINITY]) {
    if (holds(value)) length += 1;
    else if (length > 0) {
      lengths.push(length);
      length = 0;
    }
  }
  return lengths;
}

describe('the reason', () => {
  test('names edition, clauses, hours, values, and how far each clause is from being met', () => {
    const found = judge([...clean(), ...level(180, 49), ...clean(30)], 125, 'mee-2024', 'blocks');
    expect(textOf(found.reason)).toMatchInlineSnapshot(`
      "+ 2025-12-25 06:00 依据环大气〔2024〕6号，冀政办字〔2024〕17号（按首尾相接的24小时计）：达到橙色预警条件 | 2025-12-25 06:00 by the ministry letter 6 of 2024, plan of Hebei of 2024-03-07 (counted in 24-hour blocks, any start hour): orange is met
       - 红色：不成立 | red: not met
        - AQI>200 持续72小时，且AQI>300 持续24小时：不成立 | AQI>200 for 72 h and AQI>300 for 24 h: not met
         - AQI>200 持续72小时：不成立。最接近：180（至2025-12-25 01:00，实测，12/15站）、180（至2025-12-26 01:00，预报）、180（至2025-12-27 01:00，预报），差21；最长0小时，需72小时 | AQI>200 for 72 h: not met. Nearest: 180 (24 h to 2025-12-25 01:00, observed, 12 of 15 stations), 180 (24 h to 2025-12-26 01:00, forecast), 180 (24 h to 2025-12-27 01:00, forecast), short by 21; longest 0 h of 72 h
         - AQI>300 持续24小时：不成立。最接近：180（至2025-12-25 06:00，实测，12/15站），差121；最长0小时，需24小时 | AQI>300 for 24 h: not met. Nearest: 180 (24 h to 2025-12-25 06:00, observed, 12 of 15 stations), short by 121; longest 0 h of 24 h
       + 橙色：成立 | orange: met
        - AQI>200 持续48小时：不成立。最接近：180（至2025-12-25 01:00，实测，12/15站）、180（至2025-12-26 01:00，预报），差21；最长0小时，需48小时 | AQI>200 for 48 h: not met. Nearest: 180 (24 h to 2025-12-25 01:00, observed, 12 of 15 stations), 180 (24 h to 2025-12-26 01:00, forecast), short by 21; longest 0 h of 48 h
        + AQI>150 持续72小时：成立，2025-12-24 01:00 至 2025-12-27 01:00；49个滚动值中预报43个，PM2.5为首要污染物49个。180（至2025-12-25 01:00，实测，12/15站）、180（至2025-12-26 01:00，预报）、180（至2025-12-27 01:00，预报） | AQI>150 for 72 h: met, 2025-12-24 01:00 to 2025-12-27 01:00; of 49 rolling values 43 are forecast, 49 led by PM2.5. 180 (24 h to 2025-12-25 01:00, observed, 12 of 15 stations), 180 (24 h to 2025-12-26 01:00, forecast), 180 (24 h to 2025-12-27 01:00, forecast)
       - 没有低于黄色预警条件的时段 | not below the yellow condition"
    `);
  });
  test('says what is missing', () => {
    const found = judge([...clean(), ...level(210, 24), ...level(gap, 5), ...clean(30)], 143, 'mee-2018', 'rolling');
    expect(textOf(found.reason)).toMatchInlineSnapshot(`
      "? 2025-12-26 00:00 依据环办大气函〔2018〕875号（按滚动24小时指数持续的小时计）：数据不足，无法判断 | 2025-12-26 00:00 by the ministry letter 875 of 2018 (counted in hours of the rolling 24-hour index): too little is known to tell
       ? 红色：无法判断 | red: cannot tell
        - AQI>200 持续96小时，且AQI>300 持续48小时：不成立 | AQI>200 for 96 h and AQI>300 for 48 h: not met
         - AQI>200 持续96小时：不成立。最接近：2025-12-22 01:00 至 2025-12-26 00:00 的96个滚动值最低60，差141；最长24小时，需96小时 | AQI>200 for 96 h: not met. Nearest: the least of 96 rolling values from 2025-12-22 01:00 to 2025-12-26 00:00 is 60, short by 141; longest 24 h of 96 h
         - AQI>300 持续48小时：不成立。最接近：2025-12-24 01:00 至 2025-12-26 00:00 的48个滚动值最低60，差241；最长0小时，需48小时 | AQI>300 for 48 h: not met. Nearest: the least of 48 rolling values from 2025-12-24 01:00 to 2025-12-26 00:00 is 60, short by 241; longest 0 h of 48 h
        ? AQI达到500：无法判断，缺少5个滚动值（2025-12-26 01:00 至 2025-12-26 05:00）。最接近：210（至2025-12-26 00:00，实测，12/15站），差290 | AQI reaches 500: cannot tell, 5 rolling values are missing (2025-12-26 01:00 to 2025-12-26 05:00). Nearest: 210 (24 h to 2025-12-26 00:00, observed, 12 of 15 stations), short by 290
       - 橙色：不成立 | orange: not met
        - AQI>200 持续72小时：不成立。最接近：2025-12-23 01:00 至 2025-12-26 00:00 的72个滚动值最低60，差141；最长24小时，需72小时 | AQI>200 for 72 h: not met. Nearest: the least of 72 rolling values from 2025-12-23 01:00 to 2025-12-26 00:00 is 60, short by 141; longest 24 h of 72 h
       - 黄色：不成立 | yellow: not met
        - AQI>200 持续48小时：不成立。最接近：2025-12-24 01:00 至 2025-12-26 00:00 的48个滚动值最低60，差141；最长24小时，需48小时 | AQI>200 for 48 h: not met. Nearest: the least of 48 rolling values from 2025-12-24 01:00 to 2025-12-26 00:00 is 60, short by 141; longest 24 h of 48 h
       ? 是否低于黄色预警条件：无法判断 | below the yellow condition: cannot tell"
    `);
  });
});
