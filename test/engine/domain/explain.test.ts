// Explanations: from the incident down to readings, in both languages.

import { expect, test } from 'vitest';
import { explainFinding, explainIncident, explanationText, type Names } from '../../../engine/domain/explain.ts';
import type { Finding } from '../../../engine/schema/finding.ts';
import type { Incident } from '../../../engine/schema/incident.ts';

const at = (text: string) => Date.parse(`2026-01-14T${text}:00+08:00`);
const named = (zh: string, en: string) => () => ({ zh, en });
const names: Names = {
  source: (_, id) => ({ zh: `表${id}`, en: `meter ${id}` }),
  enterprise: named('滨湖橡胶厂', 'Binhu Rubber'),
  district: named('滨湖新区', 'Binhu New Area'),
  township: named('彭杜村乡', 'Pengducun'),
  rule: named('生产时治理设施未开启', 'treatment off while production runs'),
};
const finding: Finding = {
  id: 'treatment-off:E-1/P1:1',
  rule: 'treatment-off',
  ruleVersion: 1,
  unit: 'E-1/P1',
  openedMs: at('14:00'),
  foundMs: at('14:08'),
  state: 'open',
  revision: 0,
  severity: 'warning',
  place: { district: '131172' },
  enterprise: 'E-1',
  process: 'P1',
  sources: ['P', 'T'],
  evidence: [
    {
      kind: 'power',
      source: 'T',
      metric: 'kw',
      startMs: at('14:00'),
      endMs: at('14:05'),
      value: 0.2,
      unit: 'kW',
      limit: 2,
      side: 'below',
      says: 'treatmentPower',
    },
  ],
  candidates: [{ id: 'unknown', score: 0.5, reasons: ['ownMeter', 'someCode=0.25'] }],
};
const incident: Incident = {
  id: 'incident:x',
  kind: 'emission',
  state: 'open',
  revision: 0,
  openedMs: finding.openedMs,
  foundMs: finding.foundMs,
  severity: 'warning',
  rule: 'treatment-off',
  place: { district: '131172' },
  enterprise: 'E-1',
  parts: [],
  candidates: finding.candidates,
  subCentre: '131172',
  township: '131172001',
  inspector: 'GRID-7',
  dispatchByMs: at('14:13'),
  overdue: [],
  changes: [],
};

test('goes down to the readings, in Chinese and in English', () => {
  const explanation = explainIncident(incident, [finding], names);
  expect(explanationText(explanation, 'zh')).toBe(`滨湖橡胶厂：生产时治理设施未开启（警告，待派单）
  责任单位：滨湖新区分中心，彭杜村乡网格员 GRID-7
  滨湖橡胶厂：生产时治理设施未开启（警告，持续中）
    自01-14 14:00起，引擎于01-14 14:08发现
    依据：规则 treatment-off 第1版
      治理设施用电：表T 有功功率 0.2 kW，低于 2 kW（01-14 14:00–14:05）
    可能的来源
      无法判断，得分 0.50：自身电表，someCode 0.25`);
  expect(explanationText(explanation, 'en')).toBe(`Binhu Rubber: treatment off while production runs (warning, waits for dispatch)
  goes to the sub-centre of Binhu New Area, Pengducun, inspector GRID-7
  Binhu Rubber: treatment off while production runs (warning, going on)
    from 01-14 14:00 on, found at 01-14 14:08
    because of rule treatment-off, version 1
      power of the treatment: meter T Active power 0.2 kW, below 2 kW (01-14 14:00–14:05)
    what may be the cause
      cannot tell, score 0.50: its own meter, someCode 0.25`);
});

test.each([
  ['E-1', '由滨湖橡胶厂运维，须于01-15 14:08前修复', 'maintenance of Binhu Rubber, to be repaired by 01-15 14:08'],
  ['city', '由市级监测网运维，须于01-15 14:08前修复', "maintenance of the city's network, to be repaired by 01-15 14:08"],
])('a fault goes to maintenance of %s, and not to an inspector', (operator, zh, en) => {
  const { inspector: _, dispatchByMs: __, ...rest } = incident;
  const repairByMs = at('14:08') + 24 * 3_600_000;
  const fault: Incident = { ...rest, kind: 'maintenance', subCentre: '', township: '', inspector: '', operator, repairByMs };
  const explanation = explainIncident(fault, [finding], names);
  expect(explanationText(explanation, 'zh')).toContain(`设备或网络故障，${zh}`);
  expect(explanationText(explanation, 'en')).toContain(`a fault of a device or a network: goes to ${en}`);
  expect(explanationText(explanation, 'zh')).not.toContain('网格员');
});

test('a corrected finding says so', () => {
  const text = explanationText(
    explainIncident(incident, [{ ...finding, state: 'corrected', closedMs: at('14:20') }], names),
    'en',
  );
  expect(text).toContain('(warning, corrected: late data took its cause away)');
  expect(text).toContain('from 01-14 14:00 to 01-14 14:20');
});

test('a value whose windows were corrected says so', () => {
  const [first] = finding.evidence;
  const revised = explainFinding({ ...finding, evidence: [{ ...first, revision: 2 }] }, names);
  expect(explanationText(revised, 'zh')).toContain('（01-14 14:00–14:05，数据已修订2次）');
  expect(explanationText(revised, 'en')).toContain('(01-14 14:00–14:05, corrected 2 times)');
});

test.each([
  [undefined, '结束原因：情况已不再成立', 'over because it is the case no longer'],
  [
    'rule',
    '结束原因：规则已停用或更改，情况未必消失',
    'over because its rule was switched off or changed: it may still be the case',
  ],
  [
    'register',
    '结束原因：已不在登记名录中，情况未必消失',
    'over because it is no longer in the register: it may still be the case',
  ],
] as const)('a finding that is over says why: closed by %s', (closedBy, zh, en) => {
  const over: Finding = { ...finding, state: 'closed', closedMs: at('14:20'), ...(closedBy === undefined ? {} : { closedBy }) };
  const explanation = explainFinding(over, names);
  expect(explanation.parts[1]).toMatchObject({ zh, en });
  expect(explanationText(explanation, 'en').split('\n')[0]).toContain('(warning, over)');
});

test('a finding that is open, or was corrected, has no other reason to be over', () => {
  for (const state of ['open', 'corrected'] as const)
    expect(explanationText(explainFinding({ ...finding, state }, names), 'en')).not.toContain('over because');
});

test.each([
  ['closed', { what: 'cause-gone' }, {}, '结束：情况均已不再成立', 'ended: nothing of it is the case any more'],
  [
    'closed',
    { what: 'cause-gone' },
    { closedBy: 'register' },
    '结束：已不在登记名录中，情况未必消失',
    'ended: it is no longer in the register: it may still be the case',
  ],
  [
    'closed',
    { what: 'close', by: '王', why: '已整改' },
    {},
    '结束：由王办结，理由：已整改',
    'ended: closed by 王, who says: 已整改',
  ],
  [
    'dismissed',
    { what: 'dismiss', by: '王', why: '检修' },
    {},
    '结束：由王驳回，理由：检修',
    'ended: dismissed by 王, who says: 检修',
  ],
  [
    'dismissed',
    { what: 'merge', by: '王', why: 'incident:y: 同一来源' },
    {},
    '结束：由王并入 incident:y: 同一来源',
    'ended: merged by 王 into incident:y: 同一来源',
  ],
  [
    'corrected',
    { what: 'finding-corrected' },
    {},
    '结束：迟到数据取消了全部依据',
    'ended: late data took all of its causes away',
  ],
] as const)('an incident that is %s says when and why: %o', (state, last, closed, zh, en) => {
  const endedMs = at('15:00');
  const changes = [
    { atMs: at('14:08'), what: 'opened' },
    { atMs: endedMs, ...last },
  ] as const;
  const ended: Incident = { ...incident, state, endedMs, changes };
  const explanation = explainIncident(ended, [{ ...finding, state: 'closed', closedMs: at('14:20'), ...closed }], names);
  expect(explanation.parts[1]).toMatchObject({
    zh: zh.replace('结束：', '于01-14 15:00结束：'),
    en: en.replace('ended: ', 'ended at 01-14 15:00: '),
  });
});

test('what became known behind the end of an incident is not why it ended', () => {
  const changes = [
    { atMs: at('14:30'), what: 'merge', by: '李', why: 'incident:z' },
    { atMs: at('15:00'), what: 'dismiss', by: '王', why: '检修' },
    { atMs: at('16:00'), what: 'finding-closed', why: finding.id },
    { atMs: at('17:00'), what: 'finding-corrected', why: finding.id },
  ] as const;
  const ended: Incident = { ...incident, state: 'dismissed', endedMs: at('15:00'), changes };
  expect(explainIncident(ended, [finding], names).parts[1].en).toBe('ended at 01-14 15:00: dismissed by 王, who says: 检修');
});

test('an incident whose findings are over for several reasons names those beside the usual one', () => {
  const over = (closedBy?: Finding['closedBy']): Finding => ({ ...finding, state: 'closed', closedMs: at('14:20'), closedBy });
  const ended: Incident = {
    ...incident,
    state: 'closed',
    endedMs: at('15:00'),
    changes: [{ atMs: at('15:00'), what: 'cause-gone' }],
  };
  const { en } = explainIncident(ended, [over(), over('rule'), over('rule')], names).parts[1];
  expect(en).toBe(
    'ended at 01-14 15:00: nothing of it is the case any more, or its rule was switched off or changed: it may still be the case',
  );
});
