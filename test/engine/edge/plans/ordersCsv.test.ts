// Orders as a table for Excel.

import { describe, expect, test } from 'vitest';
import { changesOf, ordersOf } from '../../../../engine/domain/curtailment/orders.ts';
import { csvEncodings, csvRows, decodeCsv } from '../../../../engine/edge/plans/csvFile.ts';
import { orderHeader, ordersCsv } from '../../../../engine/edge/plans/ordersCsv.ts';
import { atEvery, enterpriseOf, limit, registerWith, stop, transport } from '../../../harness/planRegisters.ts';

const noon = Date.parse('2026-01-05T12:00:00+08:00');
const register = registerWith([
  enterpriseOf('E1', { zh: '=HYPERLINK("x")', plan: { yellow: [limit('P1', 50), transport], orange: [], red: [] } }),
  enterpriseOf('E2', { zh: '衡水𠮷祥，铸造', plan: atEvery(stop('P1')) }),
]);
const orders = ordersOf({ enterprises: register.enterprises, warning: 'warning:1', level: 'yellow', effectiveMs: noon });

describe.each(csvEncodings)('in %s', (encoding) => {
  const rowsOf = (list: typeof orders) => csvRows(decodeCsv(ordersCsv(list, register, encoding), encoding)?.text ?? '');

  test('every order is a row under the header, with hours of Beijing and no formulas', () => {
    const [header, ...rows] = rowsOf(orders);
    expect(header).toEqual([...orderHeader]);
    expect(rows.map((row) => row.slice(0, 15))).toEqual([
      [
        'order:1:E1:P1',
        'warning:1',
        '黄色',
        '桃城区',
        'E1',
        '\'=HYPERLINK("x")',
        'C',
        'P1',
        '工序P1',
        '限产',
        '50',
        '2026-01-05 12:00',
        '',
        '',
        '0',
      ],
      [
        'order:1:E1:-',
        'warning:1',
        '黄色',
        '桃城区',
        'E1',
        '\'=HYPERLINK("x")',
        'C',
        '',
        '',
        '运输管控',
        '',
        '2026-01-05 12:00',
        '',
        '',
        '0',
      ],
      [
        'order:1:E2:P1',
        'warning:1',
        '黄色',
        '桃城区',
        'E2',
        '衡水𠮷祥，铸造',
        'C',
        'P1',
        '工序P1',
        '停产',
        '',
        '2026-01-05 12:00',
        '',
        '',
        '0',
      ],
    ]);
    expect(rows[2].at(-2)).toBe(orders[2].zh);
  });

  test('lifted ones have their hour', () => {
    const [, ...rows] = rowsOf(changesOf(orders, [], noon + 3_600_000));
    expect(rows.map((row) => row.slice(13, 15))).toEqual(orders.map(() => ['2026-01-05 13:00', '1']));
  });
});
