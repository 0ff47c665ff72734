// Rules with a memory in the stage: rows in, findings out, whatever the batches, after a restart and with other rules.

import { expect, test } from 'vitest';
import { configFrom, pipelineOptions } from '../../../../engine/config.ts';
import type { Finding } from '../../../../engine/schema/finding.ts';
import type { EngineItem } from '../../../../engine/schema/flow.ts';
import { Bin } from '../../../../engine/schema/ledger.ts';
import type { Source } from '../../../../engine/schema/register.ts';
import { cleanStage } from '../../../../engine/stages/clean/clean.ts';
import { correlateStage } from '../../../../engine/stages/correlate/correlate.ts';
import { defaultRules, type Rules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { windowStage } from '../../../../engine/stages/window/window.ts';
import { type Cut, runStages, whole } from '../../../harness/batches.ts';
import { type EventRow, eventBatch } from '../../../harness/events.ts';
import { verifyStage } from '../../../harness/verifyStage.ts';

const minute = 60_000;
const startMs = Date.UTC(2026, 5, 10, 12);
const city = { code: '131100', zh: '', en: '' };
const town = { code: '131102001', zh: '', en: '', district: '131102', lon: 115.63, lat: 37.7 };
const register = { city, districts: [], enterprises: [], townships: [town], inspectors: [] };
const options = pipelineOptions(configFrom({}), register);
const stages = () => [cleanStage(options.clean), windowStage(options.window), correlateStage(options.correlate)];
const camera: Source = { kind: 'camera', id: 'CAM-1', zh: '', district: '131102', lon: 115.6, lat: 37.7 };
const channel: Source = { kind: 'petition', id: 'PET-1', zh: '', district: '131102' };

const look = (at: number): EventRow => ({
  source: 0,
  eventMs: startMs + at * minute,
  values: { bearingDeg: 90, rangeKm: 2, confidence: 0.5 },
  text: { type: 'fire' },
  bin: Bin.pending,
});
const complaint = (at: number): EventRow => ({
  source: 0,
  eventMs: startMs + at * minute,
  values: { lon: 115.625, lat: 37.701 },
  text: { category: 'burning' },
  bin: Bin.pending,
});

function items(cut: Cut, minutes = 60, commands: ReadonlyMap<number, EngineItem> = new Map()): EngineItem[] {
  const rows = (kind: 'camera' | 'petition', all: readonly EventRow[]): EngineItem[] =>
    cut(all).flatMap((part) =>
      part.length === 0 ? [] : [{ type: 'rows', batch: eventBatch(kind, part as readonly EventRow[]) }],
    );
  const known = (kind: 'camera' | 'petition', source: Source): EngineItem => ({
    type: 'command',
    command: { name: 'sources', kind, first: 0, sources: [source] },
  });
  const looks = [2, 7, 12, 16].map(look);
  const told = [20, 25].map(complaint);
  const flow = [known('camera', camera), known('petition', channel), { type: 'tick', nowMs: startMs } as const];
  for (let at = 1; at <= minutes; at++) {
    const nowMs = startMs + at * minute;
    const due = ({ eventMs }: EventRow) => eventMs < nowMs && eventMs >= nowMs - minute;
    const command = commands.get(at);
    flow.push(...rows('camera', looks.filter(due)), ...rows('petition', told.filter(due)), ...(command ? [command] : []));
    flow.push({ type: 'tick', nowMs });
  }
  return flow;
}

const findingsOf = (flow: readonly EngineItem[]): Finding[] =>
  flow.flatMap((item) => (item.type === 'findings' ? item.findings : []));
const said = (findings: readonly Finding[]) => findings.map(({ rule, state, revision }) => `${rule} ${state} ${revision}`);

test('a fire that a camera sees again and people complain of is two findings, the second of which knows the first', () => {
  const findings = findingsOf(verifyStage(stages, items));
  expect(said(findings)).toEqual(['straw-fire open 0', 'complaints open 0', 'complaints open 1', 'straw-fire closed 1']);
  expect(findings[0]).toMatchObject({ openedMs: startMs + 2 * minute, foundMs: startMs + 8 * minute });
  expect(findings[0].place).toMatchObject({ district: '131102', township: '131102001' });
  expect(findings[1].candidates).toEqual([{ id: findings[0].id, score: 0.4, reasons: ['openFinding', 'straw-fire'] }]);
});

test('with other rules what is open goes on, and closes where its rule is off', () => {
  const rules = (next: Rules): EngineItem => ({ type: 'command', command: { name: 'rules', rules: next } });
  const merging = { ...defaultRules, 'straw-fire': { ...defaultRules['straw-fire'], mergeMinutes: 20 } };
  const off = { ...defaultRules, 'straw-fire': { ...defaultRules['straw-fire'], on: false } };
  const shorter = findingsOf(runStages(stages(), items(whole, 45, new Map([[10, rules(merging)]]))));
  expect(said(shorter).filter((each) => each.startsWith('straw'))).toEqual(['straw-fire open 0', 'straw-fire closed 1']);
  const none = findingsOf(runStages(stages(), items(whole, 14, new Map([[10, rules(off)]]))));
  expect(said(none)).toEqual(['straw-fire open 0', 'straw-fire closed 1']);
});
