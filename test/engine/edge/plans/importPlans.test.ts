// Lists of plans from Excel: what is read, and how each wrong cell is named.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planProblemsOf } from '../../../../engine/domain/curtailment/rules.ts';
import { csvBytes, csvEncodings } from '../../../../engine/edge/plans/csvFile.ts';
import { type ImportOptions, importPlans } from '../../../../engine/edge/plans/importPlans.ts';
import { plansCsv } from '../../../../engine/edge/plans/plansCsv.ts';
import type { Enterprise, Register } from '../../../../engine/schema/register.ts';
import {
  atEvery,
  enterpriseOf,
  limit,
  maliciousRegister,
  noPlan,
  registerWith,
  stop,
  transport,
} from '../../../harness/planRegisters.ts';

const permit = { number: '91131102MA0ABCDEF1001P', limits: {} };
const register = registerWith([
  enterpriseOf('E1', { permit }),
  enterpriseOf('E2', { district: '131121', grade: 'A', plan: atEvery(transport) }),
  enterpriseOf('E3', { guarantee: { zh: '供暖', maxLoadPct: 70 } }),
  enterpriseOf('E4', { zh: '同名' }),
  enterpriseOf('E5', { zh: '同名', smallMicro: true }),
]);

const read = (rows: readonly (readonly (string | number)[])[], options?: ImportOptions, of: Register = register) =>
  importPlans(csvBytes(rows, 'utf-8'), of, options);
const planOf = (result: { readonly enterprises?: readonly Enterprise[] }, id: string) =>
  result.enterprises?.find((each) => each.id === id)?.plan;

describe('a list', () => {
  test('a row a process, with the share as what goes, as what stays, or in the words', () => {
    const result = read([
      ['企业编号', '工序', '黄色措施', '黄色限产比例(%)', '橙色措施', '橙色保留负荷（％）', '红色措施'],
      ['E1', 'P1', '限产', '20', '限产', '50%', '停产+运输'],
      ['E1', '工序P2', '无', '', '限产３０％', '', '停产'],
    ]);
    expect(result.problems).toEqual([]);
    expect(planOf(result, 'E1')).toEqual({
      yellow: [limit('P1', 80)],
      orange: [limit('P1', 50), limit('P2', 70)],
      red: [stop('P1'), stop('P2'), transport],
    });
    expect(planOf(result, 'E3')).toBe(register.enterprises[2].plan);
    expect(result).toMatchObject({ encoding: 'utf-8', taken: ['E1'], left: [], rows: 2, ignored: [], changes: [] });
  });

  test('a row an enterprise is of all its processes that emit', () => {
    const result = read([
      ['name', 'red_action'],
      ['企业E1', 'stop + transport'],
    ]);
    expect(planOf(result, 'E1')).toEqual({ ...noPlan, red: [stop('P1'), stop('P2'), transport] });
  });

  test('a title above, merged cells, columns that are not ours, blank rows and levels that it does not have', () => {
    const result = read([
      ['衡水市重污染天气应急减排清单', '', '', '', ''],
      ['序号', '企业编号', '工序', '红色预警\n减排措施', '联系人'],
      ['1', 'E1', 'P1', '停产', '王'],
      ['', '', 'P2', '限产50%', ''],
      ['', '', '', '', ''],
      ['2', 'E2', '', '运输管控', ''],
    ]);
    expect(result.problems).toEqual([]);
    expect(result.ignored).toEqual(['序号', '联系人']);
    expect(planOf(result, 'E1')?.red).toEqual([stop('P1'), limit('P2', 50)]);
    // The list says nothing of the lower levels.
    expect(planOf(result, 'E2')).toEqual({ yellow: [transport], orange: [transport], red: [transport] });
  });

  test('an enterprise can be named by its credit code or permit, and by two that fit together', () => {
    const result = read([
      ['统一社会信用代码', '企业名称', '红色措施'],
      ['91131102MA0ABCDEF1', '企业E1', '停产'],
    ]);
    expect(result.taken).toEqual(['E1']);
  });

  test('grade, small and micro, guarantee and emits are taken where they are filled, and told', () => {
    const result = read([
      ['企业编号', '绩效分级', '是否小微', '保障类', '核定最大负荷', '工序', '涉气', '红色措施'],
      ['E1', 'B级', '是', '', '', 'P1', '否', '无'],
      ['E1', '', '', '', '', 'P2', '', '停产'],
      ['E3', '', '', '否', '', '', '', ''],
      ['E5', '', '否', '是', '60', 'P1', '', '限产40%'],
    ]);
    expect(result.problems).toEqual([]);
    expect(result.changes).toEqual([
      'E1: grade C → B',
      'E1: small and micro false → true',
      'E1: P1 emits true → false',
      'E3: guarantee 供暖 70 % → none',
      'E5: small and micro true → false',
      'E5: guarantee none → 保障类 60 %',
    ]);
  });
});

describe('wrong cells are named by row and column', () => {
  const header = ['企业编号', '县市区', '经度', '绩效分级', '工序', '涉气', '红色措施', '红色限产比例', '核定最大负荷'];
  const good = ['E1', '桃城区', 115.7, 'C', 'P1', '是', '限产', 30, ''];
  const problemsOf = (column: number, value: string | number, before: Readonly<Record<number, string | number>> = {}) => {
    const row = good.map((cell, i) => (i === column ? value : (before[i] ?? cell)));
    const result = read([header, ['E3', '', '', '', 'P1', '', '无', '', ''], row]);
    expect(result.enterprises).toBeUndefined();
    return result.problems;
  };

  test('the good row has none', () => {
    expect(read([header, good]).problems).toEqual([]);
  });

  test.each([
    [0, 'E9', {}, 'A', '企业编号', 'no such enterprise'],
    [1, '枣强县', {}, 'B', '县市区', 'another county'],
    [2, '东经115', {}, 'C', '经度', 'not a number of degrees'],
    [2, 116.7, {}, 'C', '经度', 'lies 88'],
    [3, 'E级', {}, 'D', '绩效分级', 'cannot be read'],
    [4, 'P9', {}, 'E', '工序', 'no such process'],
    [5, '可能', {}, 'F', '涉气', 'cannot be read'],
    [6, '停一半', {}, 'G', '红色措施', 'not a measure'],
    [6, '停产+限产', {}, 'G', '红色措施', 'not a measure'],
    [7, '0.3', {}, 'H', '红色限产比例', 'a share like 0.3 is not clear'],
    [7, '130', {}, 'H', '红色限产比例', 'not a per cent'],
    [7, '', {}, 'H', '红色限产比例', 'a limit needs its share'],
    [7, 50, { 6: '停产' }, 'H', '红色限产比例', 'does not fit "停产"'],
    [7, 50, { 6: '限产30%' }, 'H', '红色限产比例', 'does not fit "限产30%"'],
    [8, 50, {}, 'I', '核定最大负荷', 'is no guarantee enterprise'],
    // Rules: what would not become an order.
    [5, '否', { 6: '停产', 7: '' }, 'G', '红色措施', 'breaks the rule not-emitting: it would become no order'],
    [3, 'A', {}, 'G', '红色措施', 'breaks the rule exempt-grade'],
  ] as const)('column %d = %j', (column, value, before, letter, name, message) => {
    const found = problemsOf(column, value, before);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ row: 3, letter, column: name, allowed: expect.any(String) });
    expect(found[0].message).toContain(message);
    if (!found[0].message.includes('breaks') && !found[0].message.includes('lies')) expect(found[0].value).toBe(String(value));
  });

  test('two rows that do not fit together', () => {
    const result = read([
      header,
      good,
      [...good.slice(0, 3), 'D', ...good.slice(4)],
      ['E3', '', '', '', '', '', '停产', '', ''],
      ['E4', '', '', '', '', '', '', '', ''],
    ]);
    expect(result.problems.map(({ row, letter, message }) => [row, letter, message])).toEqual([
      [3, 'D', 'another row says otherwise'],
      [3, 'G', 'row 2 has a measure for P1 already'],
      [4, 'G', expect.stringContaining('E3 P1: breaks the rule below-certified: it would be raised to that')],
      [4, 'G', expect.stringContaining('E3 P2: breaks the rule below-certified')],
    ]);
  });

  test('a level that asks less than the one below', () => {
    const result = read([
      ['企业编号', '工序', '黄色措施', '橙色措施', '红色措施'],
      ['E1', 'P1', '停产', '停产', '无'],
      ['E1', 'P2', '停产', '停产', '停产'],
    ]);
    expect(result.problems).toMatchObject([{ row: 2, letter: 'E', value: 'none', message: expect.stringContaining('weaker') }]);
  });

  test('names that are not clear, contradict each other, or are missing', () => {
    const result = read([
      ['企业编号', '企业名称', '红色措施'],
      ['', '同名', '停产'],
      ['E4', '同名', '停产'],
      ['E1', '企业E3', '停产'],
      ['', '', '停产'],
    ]);
    expect(result.problems.map(({ row, letter, value, allowed }) => [row, letter, value, allowed])).toEqual([
      [2, 'B', '同名', 'its id as well'],
      [4, 'B', '企业E3', '企业E1'],
      [5, 'A', '', expect.any(String)],
    ]);
    expect(result.left).toEqual(['E1']);
  });

  test('a file without the header, with a column twice, or that is no text', () => {
    expect(
      read([
        ['甲', '乙'],
        ['1', '2'],
      ]).problems,
    ).toMatchObject([{ row: 1, message: 'no header in the first 20 rows' }]);
    expect(
      read([
        ['编号', '说明'],
        ['id', 'red_action', '红色措施'],
      ]).problems,
    ).toMatchObject([{ row: 2, letter: 'C', value: 'red_action' }]);
    expect(importPlans(Uint8Array.of(0x41, 0xff, 0xff), register).problems).toMatchObject([
      { message: 'the text cannot be read' },
    ]);
    expect(importPlans(new TextEncoder().encode('id,red_action\nE1,"stop'), register).problems).toMatchObject([
      { message: expect.stringContaining('not CSV') },
    ]);
    expect(importPlans(new Uint8Array(), register).problems).toHaveLength(1);
  });
});

describe('nothing is taken from a file with problems', () => {
  const rows = [
    ['企业编号', '工序', '红色措施'],
    ['E1', 'P1', '停产'],
    ['E3', 'P1', '限产10%'],
    ['E3', 'P2', '停一半'],
  ];
  test('by default', () => {
    const result = read(rows);
    expect(result).toMatchObject({ taken: [], left: ['E3'] });
    expect(result.enterprises).toBeUndefined();
  });

  test('partly: whole enterprises without problems', () => {
    const result = read(rows, { isPartly: true });
    expect(result).toMatchObject({ taken: ['E1'], left: ['E3'] });
    expect(planOf(result, 'E1')?.red).toEqual([stop('P1')]);
    expect(planOf(result, 'E3')).toBe(noPlan);
  });
});

/** Plans that keep to the rules and can be said in a list: in the processes' order, transport last. */
function lawful(enterprise: Enterprise): Enterprise | undefined {
  const isPlain = planProblemsOf(enterprise).length === 0;
  const names = enterprise.processes.map(({ zh }) => zh.trim());
  return isPlain && enterprise.processes.length > 0 && new Set(names).size === names.length ? enterprise : undefined;
}

describe.each(csvEncodings)('out and in again in %s', (encoding) => {
  test('gives the same plans over random registers', () => {
    let compared = 0;
    fc.assert(
      fc.property(maliciousRegister, fc.nat({ max: 3 }), (random, turn) => {
        const enterprises = random.enterprises.flatMap((enterprise) => {
          const own = enterprise.processes.filter(({ emits }) => emits).map(({ id }) => id);
          const exempt = ['A', 'leading', 'positive'].includes(enterprise.grade);
          const measures = own.map((id) =>
            enterprise.guarantee !== undefined
              ? limit(id, enterprise.guarantee.maxLoadPct)
              : turn > 1
                ? stop(id)
                : limit(id, 33.3),
          );
          const plan = atEvery(...(exempt ? [] : measures), ...(turn % 2 === 0 ? [transport] : []));
          return lawful({ ...enterprise, plan }) ?? [];
        });
        const before = registerWith(enterprises);
        const blank = registerWith(enterprises.map((each) => ({ ...each, plan: noPlan })));
        const result = importPlans(plansCsv(before, encoding), blank);
        expect(result.problems).toEqual([]);
        expect(result.enterprises ?? []).toEqual(enterprises);
        compared += enterprises.length;
      }),
      { numRuns: 150, seed: 11 },
    );
    expect(compared).toBeGreaterThan(300);
  });
});
