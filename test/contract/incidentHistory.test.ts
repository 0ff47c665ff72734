// What every history keeps of findings, incidents and the audit trail.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { joined } from '../../engine/edge/outputQueue.ts';
import { openDuckdb } from '../../engine/edge/store/duckdb.ts';
import { memoryHistory } from '../../engine/edge/store/memory.ts';
import type { History } from '../../engine/pipeline/ports.ts';
import { changed, findingOf, incidentOf, judgedOutputs } from '../harness/judgements.ts';
import { namesOf } from '../harness/outputs.ts';

const sources = namesOf([]);
const makers: readonly [string, () => Promise<History>][] = [
  ['duckdb', () => openDuckdb({ path: ':memory:', sources })],
  ['memory', async () => memoryHistory({ sources })],
];

const at = (minutes: number) => minutes * 60_000;
const ever = { fromMs: at(-1e6), toMs: at(1e6), limit: 100 };

/** One that is over, one of another works and rule that goes on, one that is brought forward. */
const a = findingOf('A', { openedMs: at(10), enterprise: 'E-1' });
const aOver = { ...a, state: 'closed', closedMs: at(30), revision: 1 } as const;
const b = findingOf('B', { openedMs: at(20), rule: 'stack-exceedance', severity: 'serious', place: { district: '131172' } });
const c = findingOf('C; DROP TABLE finding', { openedMs: at(40), enterprise: "E'2" });
const [ia, ib, ic] = [a, b, c].map((finding) => incidentOf(finding));
const iaOver = changed(
  changed(ia, { atMs: at(31), what: 'dispatch', by: '王', why: undefined }, { state: 'dispatched' }),
  { atMs: at(35), what: 'close', by: '王', why: '风机皮带\u0000已更换 \ud83d \ud83d\ude00' },
  { state: 'closed', endedMs: at(35), parts: incidentOf(aOver).parts },
);
const ibEarlier = changed(ib, { atMs: at(50), what: 'joined', why: 'x' }, { openedMs: at(5), severity: 'serious' });
const outputs = judgedOutputs([
  { nowMs: at(12), findings: [a], incidents: [ia] },
  { nowMs: at(22), findings: [b], incidents: [ib] },
  { nowMs: at(36), findings: [aOver], incidents: [iaOver] },
  { nowMs: at(42), findings: [c], incidents: [ic] },
  { nowMs: at(50), incidents: [ibEarlier] },
  { nowMs: at(51) },
]);

describe.each(makers)('history: %s', (_, make) => {
  let history: History;
  beforeEach(async () => {
    history = await make();
    await history.write(joined(outputs.slice(0, 2)));
    for (const output of outputs.slice(2)) await history.write(output);
  });
  afterEach(() => history.close());

  const findings = async (query: Partial<Parameters<History['findings']>[0]>) =>
    (await history.findings({ ...ever, ...query })).map(({ unit }) => unit[0]).join('');
  const incidents = async (query: Partial<Parameters<History['incidents']>[0]>) =>
    (await history.incidents({ ...ever, ...query })).map(({ parts }) => parts[0].sources[0][0]).join('');

  test('findings are read back whole, in their newest revision, the newest first', async () => {
    expect(await history.findings(ever)).toEqual([c, b, aOver]);
  });

  test.each([
    ['the end is no part of it', { toMs: at(20) }, 'A'],
    ['the beginning is', { toMs: at(20) + 1 }, 'BA'],
    ['what ended at its beginning is not in it', { fromMs: at(30) }, 'CB'],
    ['what ended a moment later is', { fromMs: at(30) - 1 }, 'CBA'],
    ['what lasts through all of it is', { fromMs: at(60), toMs: at(61) }, 'CB'],
    ['the newest of many', { limit: 2 }, 'CB'],
    ['of a rule', { rule: 'stack-exceedance' }, 'B'],
    ['of a unit, whatever it is called', { unit: 'C; DROP TABLE finding' }, 'C'],
    ['of a district', { district: '131102' }, 'CA'],
    ['of an enterprise', { enterprise: "E'2" }, 'C'],
    ['of all at once', { rule: 'treatment-off', district: '131102', enterprise: 'E-1' }, 'A'],
    ['by id', { ids: [c.id, a.id, 'nobody'] }, 'CA'],
    ['by no id', { ids: [] }, ''],
    ['of nothing that there is', { rule: 'nothing' }, ''],
  ])('findings: %s', async (_, query, units) => {
    expect(await findings(query)).toBe(units);
  });

  test('incidents are read back whole, in their newest revision, the newest first', async () => {
    expect(await history.incidents(ever)).toEqual([ic, iaOver, ibEarlier]);
  });

  test.each([
    ['of a time', { fromMs: at(35), toMs: at(40) }, 'B'],
    ['that a revision brought forward', { toMs: at(10) }, 'B'],
    ['in a state', { states: ['closed', 'dismissed'] as const }, 'A'],
    ['in no state', { states: [] }, ''],
    ['of a kind', { kinds: ['maintenance'] as const }, ''],
    ['of a district', { district: '131172' }, 'B'],
    ['the newest of many', { limit: 1 }, 'C'],
    ['by id', { ids: [ib.id] }, 'B'],
  ])('incidents: %s', async (_, query, units) => {
    expect(await incidents(query)).toBe(units);
  });

  test('the audit trail is there to the letter, the newest first, of all or of one, of a time', async () => {
    const all = outputs.flatMap(({ audit = [] }) => audit).reverse();
    expect(all.map(({ what }) => what)).toEqual(['joined', 'opened', 'close', 'dispatch', 'opened', 'opened']);
    expect(JSON.stringify(await history.audit({ limit: 100 }))).toBe(JSON.stringify(all));
    expect(await history.audit({ limit: 2 })).toEqual(all.slice(0, 2));
    expect(await history.audit({ incident: ia.id, limit: 100 })).toEqual(all.filter(({ incident }) => incident === ia.id));
    expect(await history.audit({ fromMs: at(31), toMs: at(50), limit: 100 })).toEqual(all.slice(1, 4));
  });

  test('the same outputs again change nothing; another run hides nothing of the trail', async () => {
    for (const output of outputs) await history.write(output);
    expect(await history.findings(ever)).toEqual([c, b, aOver]);
    expect(await history.audit({ limit: 100 })).toHaveLength(6);
    for (const output of judgedOutputs([{ nowMs: at(22), incidents: [ib] }])) await history.write(output);
    expect(await history.audit({ limit: 100 })).toHaveLength(7);
  });

  test('a time that is none is refused', async () => {
    await expect(findings({ fromMs: Number.NaN })).rejects.toThrow(/allowed: epoch ms/);
    await expect(incidents({ toMs: 1e300 })).rejects.toThrow(/allowed: epoch ms/);
    await expect(history.audit({ fromMs: Number.NaN, limit: 1 })).rejects.toThrow(/allowed: epoch ms/);
  });
});
