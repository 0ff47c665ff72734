// What every history keeps of warnings, orders and what the evidence said of them.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { joined } from '../../engine/edge/outputQueue.ts';
import { openDuckdb } from '../../engine/edge/store/duckdb.ts';
import { memoryHistory } from '../../engine/edge/store/memory.ts';
import type { History } from '../../engine/pipeline/ports.ts';
import { complianceOf, emergencyOutputs, orderOf, warningOf } from '../harness/emergencies.ts';
import { namesOf } from '../harness/outputs.ts';

const sources = namesOf([]);
const makers: readonly [string, () => Promise<History>][] = [
  ['duckdb', () => openDuckdb({ path: ':memory:', sources })],
  ['memory', async () => memoryHistory({ sources })],
];

const at = (hours: number) => hours * 3_600_000;
const ever = { fromMs: at(-1e4), toMs: at(1e4), limit: 100 };

/** One that came and went, one that is in force, and what was asked in each. */
const first = warningOf(1, at(10));
const firstInForce = { ...first, state: 'in-force', level: 'orange', fromMs: at(12), revision: 3 } as const;
const firstLifted = {
  ...firstInForce,
  state: 'lifted',
  revision: 6,
  changes: [
    ...first.changes,
    { atMs: at(80), what: 'lifted', level: 'orange', proposal: 'proposal:2', by: '王', why: "it's over" },
  ],
} as const;
const second = warningOf(2, at(200));
const a = orderOf(1, 'E-1', 'P1', { effectiveMs: at(12), untilMs: at(90) });
const aLifted = { ...a, liftedMs: at(80), revision: 1 };
const b = orderOf(1, "E'2", 'P; DROP TABLE curtailment_order', { effectiveMs: at(12), action: 'limit', toPct: 50 });
const bExempt = { ...b, exemptBy: '王', exemptWhy: '供热\u0000保障 \ud83d \ud83d\ude00', revision: 1 };
const bLifted = { ...bExempt, liftedMs: at(80), revision: 2 };
const c = orderOf(2, 'E-1', 'P1', { effectiveMs: at(203) });
const aCannotTell = complianceOf(a, { verdict: 'cannot-tell', evidence: [], sinceMs: at(13) });
const aObeying = complianceOf(a, { sinceMs: at(15.001), revision: 1 });
const cNot = complianceOf(c, { verdict: 'not', sinceMs: at(204) });
const outputs = emergencyOutputs([
  { nowMs: at(10), warnings: [first] },
  { nowMs: at(12), warnings: [firstInForce], orders: [a, b] },
  { nowMs: at(13), compliance: [aCannotTell] },
  { nowMs: at(15), orders: [bExempt], compliance: [aObeying] },
  { nowMs: at(80), warnings: [firstLifted], orders: [aLifted, bLifted] },
  { nowMs: at(200), warnings: [second] },
  { nowMs: at(203), orders: [c] },
  { nowMs: at(204), compliance: [cNot] },
]);

describe.each(makers)('history: %s', (_, make) => {
  let history: History;
  beforeEach(async () => {
    history = await make();
    await history.write(joined(outputs.slice(0, 3)));
    for (const output of outputs.slice(3)) await history.write(output);
  });
  afterEach(() => history.close());

  const warnings = async (query: Partial<Parameters<History['warnings']>[0]>) =>
    (await history.warnings({ ...ever, ...query })).map(({ id }) => id.slice(-1)).join('');
  const orders = async (query: Partial<Parameters<History['orders']>[0]>) =>
    (await history.orders({ ...ever, ...query })).map(({ id }) => id).join(' ');
  const [ofA, ofB, ofC] = [a, b, c].map(({ id }) => id);

  test('warnings are read back whole, in their newest revision, the newest first', async () => {
    expect(await history.warnings(ever)).toEqual([second, firstLifted]);
  });

  test.each([
    ['before its first proposal', { toMs: at(10) }, ''],
    ['from its first proposal on', { toMs: at(10) + 1 }, '1'],
    ['what was lifted at its beginning is not in it', { fromMs: at(80), toMs: at(90) }, ''],
    ['what was lifted a moment later is', { fromMs: at(80) - 1, toMs: at(90) }, '1'],
    ['what goes on is in all that comes', { fromMs: at(5_000) }, '2'],
    ['the newest of many', { limit: 1 }, '2'],
    ['by id', { ids: ['warning:1', 'nothing'] }, '1'],
    ['by no id', { ids: [] }, ''],
  ])('warnings: %s', async (_, query, ids) => {
    expect(await warnings(query)).toBe(ids);
  });

  test('orders are read back whole, in their newest revision, with the newest verdict, those of the latest hour first', async () => {
    expect(await history.orders(ever)).toEqual([{ ...c, compliance: cNot }, bLifted, { ...aLifted, compliance: aObeying }]);
  });

  test.each([
    ['before they take effect', { toMs: at(12) }, ''],
    ['from then on', { toMs: at(12) + 1 }, `${ofB} ${ofA}`],
    ['not when they are lifted', { fromMs: at(80), toMs: at(90) }, ''],
    ['but until then', { fromMs: at(80) - 1, toMs: at(90) }, `${ofB} ${ofA}`],
    ['of a warning', { warning: 'warning:2' }, ofC],
    ['of an enterprise', { enterprises: ['E-1'] }, `${ofC} ${ofA}`],
    ['of several', { enterprises: ['E-1', "E'2"] }, `${ofC} ${ofB} ${ofA}`],
    ['of none', { enterprises: [] }, ''],
    ['but not of some warnings', { notOf: ['warning:2', 'warning:3'] }, `${ofB} ${ofA}`],
    ['of all but none', { notOf: [] }, `${ofC} ${ofB} ${ofA}`],
    ['by id', { ids: [ofB, 'nothing'] }, ofB],
    ['a page', { limit: 2 }, `${ofC} ${ofB}`],
    ['of all at once', { warning: 'warning:1', enterprises: ['E-1'], ids: [ofA], toMs: at(20) }, ofA],
  ])('orders: %s', async (_, query, ids) => {
    expect(await orders(query)).toBe(ids);
  });

  test('the orders of a whole city are one output, and are all there', async () => {
    const all = Array.from({ length: 13_707 }, (_, i) => orderOf(3, `E-${100_000 + i}`, 'P1', { effectiveMs: at(300) }));
    const verdicts = all.filter((_, i) => i % 3 === 0).map((order) => complianceOf(order, { sinceMs: at(301) }));
    for (const output of emergencyOutputs([{ nowMs: at(299), orders: all, compliance: verdicts }])) await history.write(output);
    const found = await history.orders({ ...ever, warning: 'warning:3', limit: 20_000 });
    expect(found).toEqual(all.map((order, i) => (i % 3 === 0 ? { ...order, compliance: verdicts[i / 3] } : order)));
  });

  test('the same outputs again change nothing', async () => {
    const before = [await history.warnings(ever), await history.orders(ever)];
    for (const output of outputs) await history.write(output);
    expect([await history.warnings(ever), await history.orders(ever)]).toEqual(before);
  });

  test('a warning of another run that has the same number hides none', async () => {
    const other = warningOf(1, at(500));
    for (const output of emergencyOutputs([{ nowMs: at(500), warnings: [other] }])) await history.write(output);
    expect(await history.warnings(ever)).toEqual([other, second, firstLifted]);
  });

  test('a time that is none is refused', async () => {
    await expect(warnings({ fromMs: Number.NaN })).rejects.toThrow(/allowed: epoch ms/);
    await expect(orders({ toMs: 1e300 })).rejects.toThrow(/allowed: epoch ms/);
  });
});
