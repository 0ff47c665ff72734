import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalog } from '../../../../engine/schema/catalog.ts';
import type { Columns } from '../../../../simulator/world/columns.ts';
import type { Episode, NetworkFault } from '../../../../simulator/world/episode.ts';
import { faultPlan } from '../../../../simulator/world/faults/faultPlan.ts';
import { makeLink } from '../../../../simulator/world/faults/link.ts';
import { dayMs, episodeOf, hourMs, minuteMs, registerOf, rowsOf, rowTexts, startMs } from './faultCity.ts';

const counts = { air: 12, cems: 9, power: 30 };
const register = registerOf(counts);
const all = { share: 1 };
const base: NetworkFault = {
  id: 'N1',
  kind: 'outage',
  scope: { district: '131125', share: 1 },
  fromMs: hourMs,
  toMs: 2 * hourMs,
};

interface Run {
  readonly sent: string[];
  /** Per step. */
  readonly arrived: (readonly Columns[])[];
  readonly link: ReturnType<typeof makeLink>;
}

/** Minute by minute through the link; hourly means of the first station at each full hour. */
function run(episode: Episode, minutes: number, idleMinutes = 0): Run {
  const link = makeLink(faultPlan(episode.seed, register, episode), register, episode.seed);
  const sent: string[] = [];
  const arrived: (readonly Columns[])[] = [];
  for (let minute = 0; minute < minutes + idleMinutes; minute++) {
    const eventMs = startMs + minute * minuteMs;
    const columns =
      minute < minutes ? [rowsOf('air', 12, eventMs), rowsOf('cems', 9, eventMs), rowsOf('power', 30, eventMs)] : [];
    if (columns.length > 0 && minute % 60 === 59) columns.push(rowsOf('air', 1, eventMs - 59 * minuteMs, hourMs));
    for (const row of rowTexts(columns)) sent.push(row);
    arrived.push(link.deliver(eventMs + minuteMs, columns));
  }
  return { sent, arrived, link };
}

function timesOf(columns: readonly Columns[], kind: string, source: number): number[] {
  return columns
    .filter((each) => each.kind === kind && each.periodMs === 0)
    .flatMap((each) => Array.from(each.time).filter((_, row) => each.source[row] === source));
}

const minutesOf = (times: readonly number[]) => times.map((eventMs) => (eventMs - startMs) / minuteMs);
const span = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('a good line', () => {
  it('passes the same objects on at once', () => {
    const link = makeLink(faultPlan(1, register, episodeOf()), register, 1);
    const sent = [rowsOf('air', 12, startMs), rowsOf('power', 30, startMs)];
    const arrived = link.deliver(startMs + minuteMs, sent);
    expect(arrived).toHaveLength(2);
    expect(arrived[0]).toBe(sent[0]);
    expect(arrived[1]).toBe(sent[1]);
    expect(link).toMatchObject({ waiting: 0, lost: 0, duplicated: 0 });
  });
});

describe('conservation', () => {
  it('every row arrives once, or twice where duplicated, or is counted lost', () => {
    const kinds = ['outage', 'disconnect', 'delay', 'reorder', 'duplicate', 'burst'] as const;
    const faults = fc.array(
      fc.record({
        kind: fc.constantFrom(...kinds),
        from: fc.integer({ min: 0, max: 80 }),
        lasts: fc.integer({ min: 1, max: 60 }),
        share: fc.constantFrom(0.2, 1),
        scope: fc.constantFrom<NetworkFault['scope']>(all, { district: '131102', share: 1 }, { kind: 'air', share: 0.5 }),
        backfill: fc.boolean(),
        batch: fc.integer({ min: 1, max: 40 }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(faults, fc.integer({ min: 0, max: 1000 }), (drawn, seed) => {
        const networkFaults = drawn.map(({ from, lasts, ...fault }, index) => {
          const span = { fromMs: from * minuteMs, toMs: (from + lasts) * minuteMs };
          return { ...fault, ...span, id: `N${index}` } satisfies NetworkFault;
        });
        const { sent, arrived, link } = run(
          episodeOf({ seed, networkFaults, networkFaultRate: 5, durationMs: dayMs }),
          100,
          15 * 60,
        );
        const left = new Map<string, number>();
        for (const row of sent) left.set(row, (left.get(row) ?? 0) + 1);
        let again = 0;
        for (const row of arrived.flatMap(rowTexts)) {
          const count = left.get(row);
          expect(count, row).toBeDefined();
          if (count === 1) left.set(row, 0);
          else again++;
        }
        const missing = [...left.values()].filter((count) => count === 1).length;
        expect(link.waiting).toBe(0);
        expect(again).toBe(link.duplicated);
        expect(missing).toBe(link.lost);
        if (networkFaults.every(({ backfill }) => backfill)) expect(missing).toBe(0);
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  it('holds at default rates, in the shares of the defaults', () => {
    const { sent, arrived, link } = run(episodeOf({ networkFaultRate: 1 }), 2000, 7 * 60);
    const count = arrived.flat().reduce((sum, { rows }) => sum + rows, 0);
    expect(link.lost).toBe(0);
    expect(count).toBe(sent.length + link.duplicated);
    expect(link.duplicated / sent.length).toBeGreaterThan(0.0015);
    expect(link.duplicated / sent.length).toBeLessThan(0.0025);
  });
});

describe('determinism', () => {
  const digest = ({ arrived }: Run) => arrived.map((columns) => rowTexts(columns).join('\n'));

  it('gives the same rows in the same order from the same seed', () => {
    const episode = episodeOf({ networkFaultRate: 10 });
    expect(digest(run(episode, 200))).toEqual(digest(run(episode, 200)));
    expect(digest(run(episode, 200))).not.toEqual(digest(run({ ...episode, seed: 2 }, 200)));
  });

  it('a fault of one source moves no row of another', () => {
    const episode = episodeOf({ networkFaultRate: 10 });
    const single = { source: 'power-5', share: 1 };
    const faults = (['outage', 'delay', 'duplicate', 'burst', 'reorder'] as const).map((kind) => ({
      ...base,
      id: `N ${kind}`,
      kind,
      scope: single,
    }));
    const others = (given: Episode) =>
      digest(run(given, 200)).map((step) => step.split('\n').filter((row) => !row.startsWith('power 0 5 ')));
    expect(others({ ...episode, networkFaults: faults })).toEqual(others(episode));
  });
});

describe('outages', () => {
  it('hold a county back, then bring its rows oldest first, in portions beside the live ones', () => {
    const { arrived } = run(episodeOf({ networkFaults: [{ ...base, batch: 25 }] }), 130);
    // Source 1 is in the county, source 0 is not.
    expect(minutesOf(arrived.slice(60, 120).flatMap((step) => timesOf(step, 'power', 1)))).toEqual([]);
    expect(minutesOf(arrived.slice(60, 120).flatMap((step) => timesOf(step, 'power', 0)))).toEqual(span(60, 120));
    expect(minutesOf(timesOf(arrived[120], 'power', 1))).toEqual([120, ...span(60, 85)]);
    expect(minutesOf(timesOf(arrived[121], 'power', 1))).toEqual([121, ...span(85, 110)]);
    expect(minutesOf(timesOf(arrived[122], 'power', 1))).toEqual([122, ...span(110, 120)]);
    expect(minutesOf(timesOf(arrived[123], 'power', 1))).toEqual([123]);
  });

  it('lose and count the rows where nothing is kept', () => {
    const { arrived, link } = run(episodeOf({ networkFaults: [{ ...base, backfill: false }] }), 130);
    // A third of 12 + 9 + 30 sources for an hour; the national station is of another county.
    expect(link).toMatchObject({ lost: 17 * 60, waiting: 0 });
    expect(minutesOf(arrived.flatMap((step) => timesOf(step, 'air', 1)))).toEqual([...span(0, 60), ...span(120, 130)]);
  });

  it('hold a backfill that runs into the next outage', () => {
    const next = { ...base, id: 'N2', fromMs: 2 * hourMs + minuteMs, toMs: 3 * hourMs };
    const { arrived, link } = run(episodeOf({ networkFaults: [{ ...base, batch: 50 }, next] }), 190);
    expect(minutesOf(timesOf(arrived[120], 'air', 1))).toEqual([120, ...span(60, 110)]);
    expect(arrived.slice(121, 180).flatMap((step) => timesOf(step, 'air', 1))).toEqual([]);
    expect(minutesOf(timesOf(arrived[180], 'air', 1))).toEqual([180, ...span(110, 120), ...span(121, 180)]);
    expect(link.waiting).toBe(0);
  });

  it('a delayed row that falls into one waits for its end', () => {
    const delay: NetworkFault = {
      ...base,
      id: 'N2',
      kind: 'delay',
      fromMs: 0,
      toMs: hourMs,
      delayMs: { kind: 'fixed', value: 30 * minuteMs },
    };
    const { arrived } = run(episodeOf({ networkFaults: [base, delay] }), 130);
    expect(minutesOf(arrived.slice(0, 120).flatMap((step) => timesOf(step, 'power', 1)))).toEqual(span(0, 30));
    expect(minutesOf(timesOf(arrived[120], 'power', 1))).toEqual([120, ...span(30, 120)]);
  });
});

describe('other faults of the line', () => {
  it('a delay brings rows so much later', () => {
    const delay: NetworkFault = { ...base, kind: 'delay', scope: all, delayMs: { kind: 'fixed', value: 3 * minuteMs } };
    const { arrived } = run(episodeOf({ networkFaults: [delay] }), 130);
    expect(minutesOf(timesOf(arrived[62], 'air', 4))).toEqual([]);
    expect(minutesOf(timesOf(arrived[70], 'air', 4))).toEqual([67]);
    expect(minutesOf(timesOf(arrived[121], 'air', 4))).toEqual([121, 118]);
  });

  it('a reorder lets later rows of the source overtake', () => {
    const reorder: NetworkFault = {
      ...base,
      kind: 'reorder',
      scope: all,
      share: 0.3,
      delayMs: { kind: 'lognormal', median: minuteMs, gsd: 3 },
    };
    const { arrived } = run(episodeOf({ networkFaults: [reorder] }), 180);
    const minutes = minutesOf(arrived.flatMap((step) => timesOf(step, 'air', 4)));
    expect(minutes).not.toEqual(span(0, 180));
    expect([...minutes].sort((a, b) => a - b)).toEqual(span(0, 180));
  });

  it('a duplicate is the same row again, within a minute', () => {
    const { arrived, link } = run(episodeOf({ networkFaults: [{ ...base, kind: 'duplicate', scope: all, share: 1 }] }), 130);
    expect(link.duplicated).toBe(60 * 51 + 1);
    expect(minutesOf(timesOf(arrived[70], 'air', 4))).toEqual([70, 69]);
  });

  it('a burst saves rows up and sends them together', () => {
    const burst: NetworkFault = { ...base, kind: 'burst', scope: all, delayMs: { kind: 'fixed', value: 15 * minuteMs } };
    const { arrived } = run(episodeOf({ networkFaults: [burst] }), 130);
    const sizes = arrived.slice(60, 120).map((step) => timesOf(step, 'air', 4).length);
    expect(sizes.filter((size) => size > 0).length).toBeLessThanOrEqual(5);
    expect(Math.max(...sizes)).toBe(15);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(60);
  });
});

describe('rows that were held up', () => {
  it('come as one set of columns a kind and period, with all metrics', () => {
    const { arrived } = run(episodeOf({ networkFaults: [{ ...base, scope: all }] }), 130);
    const held = arrived[120].slice(3);
    expect(held.map(({ kind, periodMs, rows }) => [kind, periodMs, rows])).toEqual([
      ['air', 0, 12 * 60],
      ['air', hourMs, 1],
      ['cems', 0, 9 * 60],
      ['power', 0, 30 * 60],
    ]);
    for (const { kind, values, rows, source, time } of held) {
      expect(Object.keys(values)).toEqual(catalog[kind].metrics.map(({ id }) => id));
      for (const column of [source, time, ...Object.values(values)]) expect(column).toHaveLength(rows);
    }
  });

  it('keep marks, ids and texts, and NaN for what was not sent', () => {
    const city = registerOf({ cems: 3, vehicle: 3 });
    const fault: NetworkFault = { ...base, scope: all, fromMs: 0, toMs: minuteMs };
    const link = makeLink(faultPlan(1, city, episodeOf({ networkFaults: [fault] })), city, 1);
    const stacks = rowsOf('cems', 3, startMs);
    const marked: Columns = { ...stacks, values: { so2: stacks.values.so2 }, marks: { so2: Uint8Array.of(78, 67, 77) } };
    const text = { plateHash: ['a', 'b', 'c'], class: ['x', 'y', 'z'] };
    const passing: Columns = { ...rowsOf('vehicle', 3, startMs), id: ['v1', 'v2', 'v3'], text };
    expect(link.deliver(startMs + minuteMs, [marked, passing])).toEqual([]);
    expect(link.waiting).toBe(6);
    const [cems, vehicle] = link.deliver(startMs + 2 * minuteMs, []);
    expect(Array.from(cems.marks!.so2)).toEqual([78, 67, 77]);
    expect(Array.from(cems.marks!.nox)).toEqual([78, 78, 78]);
    expect(Array.from(cems.values.so2)).toEqual([20, 21, 22]);
    expect(Array.from(cems.values.nox)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(vehicle).toMatchObject({ id: ['v1', 'v2', 'v3'], text });
  });

  it('leave those behind that are not held, with their ids', () => {
    const city = registerOf({ vehicle: 3 });
    const fault: NetworkFault = { ...base, fromMs: 0, toMs: minuteMs };
    const link = makeLink(faultPlan(1, city, episodeOf({ networkFaults: [fault] })), city, 1);
    const passing: Columns = { ...rowsOf('vehicle', 3, startMs), id: ['v1', 'v2', 'v3'], text: { class: ['x', 'y', 'z'] } };
    const [left] = link.deliver(startMs + minuteMs, [passing]);
    expect(left).toMatchObject({ rows: 2, id: ['v1', 'v3'], text: { class: ['x', 'z'] } });
  });
});
