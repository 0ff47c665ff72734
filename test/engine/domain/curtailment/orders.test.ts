// Orders of a level: to whom, what, in which words; what upgrades, downgrades, lifts and exceptions change.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterChanges, amended, changesOf, holdsAt, ordersOf } from '../../../../engine/domain/curtailment/orders.ts';
import { isExempt } from '../../../../engine/domain/curtailment/rules.ts';
import type { Order } from '../../../../engine/schema/order.ts';
import { type Enterprise, grades, type Level } from '../../../../engine/schema/register.ts';
import { anyLevel, atEvery, enterpriseOf, limit, maliciousRegister, stop, transport } from '../../../harness/planRegisters.ts';

const at = (text: string) => Date.parse(`${text}:00+08:00`);
const noon = at('2026-01-05T12:00');
const orders = (
  enterprises: readonly Enterprise[],
  level: Level = 'red',
  fields: { untilMs?: number; effectiveMs?: number } = {},
) => ordersOf({ enterprises, warning: 'warning:3', level, effectiveMs: noon, ...fields });
const asked = (list: readonly Order[]) => list.map(({ process = '-', action, toPct }) => [process, action, toPct]);

describe('an order', () => {
  test('has an id that is the same at every level, and says who, what and when in Beijing time', () => {
    const plan = { yellow: [limit('P1', 80)], orange: [stop('P1')], red: [stop('P1'), transport] };
    const works = enterpriseOf('E-0001', { plan });
    expect(orders([works], 'yellow', { untilMs: at('2026-01-08T00:00') })).toEqual([
      {
        id: 'order:3:E-0001:P1',
        warning: 'warning:3',
        level: 'yellow',
        enterprise: 'E-0001',
        process: 'P1',
        action: 'limit',
        toPct: 80,
        effectiveMs: noon,
        untilMs: at('2026-01-08T00:00'),
        revision: 0,
        zh: '企业E-0001：工序P1（P1）限产，产量不超过正常的80%，自2026年1月5日12:00起执行，预计至2026年1月8日00:00（北京时间）',
        en: 'Works E-0001: limit step P1 (P1) to 80 % of its usual production, from 2026-01-05 12:00, expected until 2026-01-08 00:00 (Beijing time)',
      },
    ]);
    const red = orders([works]);
    expect(red.map(({ id }) => id)).toEqual(['order:3:E-0001:P1', 'order:3:E-0001:-']);
    expect(red.map(({ zh }) => zh)).toEqual([
      '企业E-0001：工序P1（P1）停止生产，自2026年1月5日12:00起执行，至通知解除为止（北京时间）',
      '企业E-0001：停止使用国四及以下重型货车（含燃气）运输，自2026年1月5日12:00起执行，至通知解除为止（北京时间）',
    ]);
  });

  test.each([
    ['A', { grade: 'A' }, [stop('P1'), limit('P2', 50), transport], [['-', 'transport', undefined]]],
    ['leading', { grade: 'leading' }, [stop('P1'), transport], [['-', 'transport', undefined]]],
    ['positive list', { grade: 'positive' }, [limit('P1', 10)], []],
    // Exempt comes before guarantee.
    ['A and guarantee', { grade: 'A', guarantee: { zh: '供暖', maxLoadPct: 70 } }, [stop('P1')], []],
    ['a step that does not emit', {}, [stop('P3'), stop('P1')], [['P1', 'stop', undefined]]],
    ['a step that does not exist', {}, [stop('P9')], []],
    ['no step', {}, [{ action: 'stop' as const }], []],
    ['a limit without its share', {}, [{ process: 'P1', action: 'limit' as const }], []],
    ['a limit below 0', {}, [limit('P1', -1)], []],
    ['a limit to 0', {}, [limit('P1', 0)], [['P1', 'limit', 0]]],
    ['a limit to 100', {}, [limit('P1', 100)], []],
    ['a limit above 100', {}, [limit('P1', 101)], []],
    ['transport of a step', {}, [{ process: 'P1', action: 'transport' as const }], []],
    ['the same step twice', {}, [limit('P1', 50), stop('P1'), limit('P1', 20)], [['P1', 'stop', undefined]]],
    ['a stop with a share', {}, [{ ...stop('P1'), toPct: 50 }], [['P1', 'stop', undefined]]],
    ['guarantee stopped', { guarantee: { zh: '供暖', maxLoadPct: 70 } }, [stop('P1')], [['P1', 'limit', 70]]],
    ['guarantee below', { guarantee: { zh: '供暖', maxLoadPct: 70 } }, [limit('P1', 69)], [['P1', 'limit', 70]]],
    ['guarantee at', { guarantee: { zh: '供暖', maxLoadPct: 70 } }, [limit('P1', 70)], [['P1', 'limit', 70]]],
    ['guarantee above', { guarantee: { zh: '供暖', maxLoadPct: 70 } }, [limit('P1', 71)], [['P1', 'limit', 71]]],
    ['guarantee at full load', { guarantee: { zh: '供暖', maxLoadPct: 100 } }, [stop('P1')], []],
    ['small and micro as planned', { smallMicro: true, grade: 'D' }, [stop('P1')], [['P1', 'stop', undefined]]],
  ] as const)('%s', (_, fields, measures, want) => {
    expect(asked(orders([enterpriseOf('E1', { ...fields, plan: atEvery(...measures) })]))).toEqual(want);
  });

  test('small and micro enterprises can be spared as a class, from stops and limits only', () => {
    const enterprises = [enterpriseOf('E1', { smallMicro: true, plan: atEvery(stop('P1'), limit('P2', 50), transport) })];
    const rules = { smallMicro: { yellow: 'as-planned', orange: 'as-planned', red: 'spared' } } as const;
    const of = (level: Level) => ordersOf({ enterprises, warning: 'warning:1', level, effectiveMs: noon, rules });
    expect(asked(of('red'))).toEqual([['-', 'transport', undefined]]);
    expect(of('orange')).toHaveLength(3);
  });

  test('ids of the register that hold our signs do not meet', () => {
    const steps = (...ids: string[]) =>
      enterpriseOf('x')
        .processes.slice(0, 1)
        .flatMap((process) => ids.map((id) => ({ ...process, id })));
    const made = orders([
      enterpriseOf('a', { processes: steps('b:c', '-', '%2D'), plan: atEvery(stop('b:c'), stop('-'), stop('%2D'), transport) }),
      enterpriseOf('a:b', { processes: steps('c'), plan: atEvery(stop('c'), transport) }),
    ]);
    expect(new Set(made.map(({ id }) => id)).size).toBe(6);
  });
});

describe('laws over random registers with malicious plans', () => {
  test('nothing but transport for an exempt enterprise, nothing for a process that does not emit, no guarantee below its load', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(maliciousRegister, anyLevel, ({ enterprises }, level) => {
        const made = orders(enterprises, level);
        expect(new Set(made.map(({ id }) => id)).size).toBe(made.length);
        for (const order of made) {
          const enterprise = enterprises.find(({ id }) => id === order.enterprise) as Enterprise;
          seen.add(`${order.action} ${enterprise.grade}`);
          if (order.action === 'transport') {
            expect(order.process).toBeUndefined();
            continue;
          }
          expect(isExempt(enterprise)).toBe(false);
          expect(enterprise.processes.find(({ id }) => id === order.process)?.emits).toBe(true);
          expect(enterprise.plan[level].some(({ process, action }) => process === order.process && action !== 'transport')).toBe(
            true,
          );
          if (order.action === 'limit') expect(order.toPct).toBeGreaterThanOrEqual(enterprise.guarantee?.maxLoadPct ?? 0);
          else expect(enterprise.guarantee).toBeUndefined();
          expect(order.zh).toContain(enterprise.zh);
          expect(order.zh).toContain(`（${order.process}）`);
        }
      }),
      { numRuns: 300, seed: 6 },
    );
    // The law was not kept by making nothing.
    for (const grade of grades) expect(seen).toContain(isExempt({ grade }) ? `transport ${grade}` : `stop ${grade}`);
  });

  const ask = (list: readonly Order[]) =>
    list
      .filter(({ liftedMs }) => liftedMs === undefined)
      .map(({ id, action, toPct, untilMs }) => ({ id, action, toPct, untilMs }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  const shift = (n: number) => noon + n * 3_600_000;

  test('any way of upgrades and downgrades ends in what the last level asks directly; a lift leaves nothing in force', () => {
    fc.assert(
      fc.property(maliciousRegister, fc.array(anyLevel, { minLength: 1, maxLength: 5 }), ({ enterprises }, way) => {
        let held: Order[] = [];
        for (const [n, level] of way.entries()) {
          const now = orders(enterprises, level, { effectiveMs: shift(n), untilMs: shift(48) });
          const changes = changesOf(held, now, shift(n));
          for (const change of changes) {
            const before = held.find(({ id }) => id === change.id);
            expect(change.revision).toBe(before === undefined ? 0 : before.revision + 1);
          }
          held = afterChanges(held, changes);
          expect(ask(held)).toEqual(ask(now));
          expect(changesOf(held, now, shift(n))).toEqual([]);
        }
        const over = afterChanges(held, changesOf(held, [], shift(10)));
        expect(over.filter((order) => holdsAt(order, shift(10)))).toEqual([]);
        expect(over).toHaveLength(held.length);
        expect(changesOf(over, [], shift(11))).toEqual([]);
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe('changes', () => {
  const works = enterpriseOf('E1', {
    plan: { yellow: [limit('P1', 80)], orange: [limit('P1', 50), transport], red: [stop('P1'), stop('P2'), transport] },
  });
  const until = at('2026-01-08T00:00');
  const later = at('2026-01-06T08:00');

  test('of an upgrade are what is asked anew or otherwise; who goes on as before gets nothing', () => {
    const before = orders([works], 'orange', { untilMs: until });
    const changes = changesOf(before, orders([works], 'red', { untilMs: until, effectiveMs: later }), later);
    expect(changes.map(({ id, level, action, revision, effectiveMs }) => [id, level, action, revision, effectiveMs])).toEqual([
      ['order:3:E1:P1', 'red', 'stop', 1, later],
      ['order:3:E1:P2', 'red', 'stop', 0, later],
    ]);
  });

  test('of a downgrade are lifts first, with the hour of the lift in the text', () => {
    const before = orders([works], 'red', { untilMs: until });
    const changes = changesOf(before, orders([works], 'orange', { untilMs: until, effectiveMs: later }), later);
    expect(changes.map(({ id, action, toPct, liftedMs }) => [id, action, toPct, liftedMs])).toEqual([
      ['order:3:E1:P2', 'stop', undefined, later],
      ['order:3:E1:P1', 'limit', 50, undefined],
    ]);
    expect(changes[0].zh).toMatch(/（北京时间）；已于2026年1月6日08:00解除$/);
    expect(changes[0].en).toMatch(/\(Beijing time\); lifted at 2026-01-06 08:00$/);
  });

  test('of hours alone keep the hour since when it holds, in fields and text', () => {
    const before = orders([works], 'yellow', { untilMs: until });
    const longer = at('2026-01-09T00:00');
    const [change] = changesOf(before, orders([works], 'yellow', { untilMs: longer, effectiveMs: later }), later);
    expect(change).toMatchObject({ revision: 1, effectiveMs: noon, untilMs: longer });
    expect(change.zh).toContain('自2026年1月5日12:00起执行，预计至2026年1月9日00:00');
  });

  test('an order that was lifted and is asked again is a further revision and not lifted', () => {
    const red = orders([works], 'red');
    const lifted = afterChanges(red, changesOf(red, [], later));
    const again = changesOf(lifted, orders([works], 'red', { effectiveMs: later }), later);
    expect(again.map(({ revision, liftedMs, effectiveMs }) => [revision, liftedMs, effectiveMs])).toEqual(
      red.map(() => [2, undefined, later]),
    );
    expect(again[0].zh).not.toContain('解除；');
  });

  test('an order holds from its hour to its lift', () => {
    const [order] = orders([works], 'yellow');
    expect([noon - 1, noon].map((ms) => holdsAt(order, ms))).toEqual([false, true]);
    const lifted = { ...order, liftedMs: later };
    expect([later - 1, later].map((ms) => holdsAt(lifted, ms))).toEqual([true, false]);
  });
});

describe('exceptions', () => {
  const [order] = orders([enterpriseOf('E1', { plan: atEvery(stop('P1')) })]);
  const exempt = { name: 'order', action: 'exempt', order: order.id, by: '李主任', why: '民生供热工程' } as const;
  const restore = { ...exempt, action: 'restore', why: '工程完工' } as const;
  const hour = noon + 3_600_000;

  test('an exception is a revision with who and why, and the order does not hold', () => {
    const made = amended(order, exempt, hour) as Order;
    expect(made).toMatchObject({ revision: 1, exemptBy: '李主任', exemptWhy: '民生供热工程' });
    expect(made.zh).toBe(`${order.zh}；经李主任批准不执行：民生供热工程`);
    expect(holdsAt(made, hour)).toBe(false);
  });

  test('its end binds again from then on, with the text as it was', () => {
    const made = amended(amended(order, exempt, hour) as Order, restore, hour) as Order;
    expect(made).toEqual({
      ...order,
      revision: 2,
      effectiveMs: hour,
      restoredBy: restore.by,
      restoredWhy: restore.why,
      zh: order.zh.replace('12:00', '13:00'),
      en: order.en.replace('12:00', '13:00'),
    });
    expect(holdsAt(made, hour)).toBe(true);
  });

  test('what changes nothing is no revision', () => {
    const made = amended(order, exempt, hour) as Order;
    expect(amended(made, exempt, hour)).toBeUndefined();
    expect(amended(order, restore, hour)).toBeUndefined();
    expect(amended(order, { ...exempt, order: 'order:3:E2:P1' }, hour)).toBeUndefined();
    expect(amended({ ...order, liftedMs: hour }, exempt, hour)).toBeUndefined();
  });

  test('exceptions outlive a change of level, and a lift and a new order', () => {
    const works = enterpriseOf('E1', { plan: { yellow: [limit('P1', 50)], orange: [], red: [stop('P1')] } });
    const made = amended(orders([works], 'yellow')[0], exempt, hour) as Order;
    const [up] = changesOf([made], orders([works], 'red'), hour);
    expect(up).toMatchObject({ action: 'stop', exemptBy: '李主任', revision: 2 });
    const [lifted] = changesOf([up], orders([works], 'orange'), hour);
    const [again] = changesOf([lifted], orders([works], 'red'), hour);
    expect(again).toMatchObject({ exemptBy: '李主任', revision: 4 });
    expect(again.zh).toMatch(/；经李主任批准不执行：民生供热工程$/);
  });
});
