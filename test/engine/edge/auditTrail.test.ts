// The chain of entries: what is in it, that it is the same for the same run, and that nothing can be changed in it unseen.

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { auditTrail, trailChecker } from '../../../engine/edge/auditTrail.ts';
import type { Output } from '../../../engine/pipeline/ports.ts';
import type { AuditEntry } from '../../../engine/schema/audit.ts';
import type { Incident } from '../../../engine/schema/incident.ts';
import { changed, findingOf, incidentOf, judgedOutputs } from '../../harness/judgements.ts';

const at = (minutes: number) => minutes * 60_000;
const dayMs = 86_400_000;
const first = incidentOf(findingOf('A', { openedMs: at(10) }));
const other = incidentOf(findingOf('B', { openedMs: at(10) }));
const dispatched = changed(first, { atMs: at(13), what: 'dispatch', by: '王' }, { state: 'dispatched' });
const worse = { ...dispatched, revision: 2, severity: 'serious' } as const;
const dismissed = changed(
  worse,
  { atMs: at(20), what: 'dismiss', by: '王', why: '误报' },
  { state: 'dismissed', endedMs: at(20) },
);
const ticks = [
  { nowMs: at(11), incidents: [first, other] },
  { nowMs: at(14), incidents: [dispatched, worse] },
  { nowMs: at(15) },
  { nowMs: at(21), incidents: [dismissed] },
];
const entriesOf = (outputs: readonly Output[]) => outputs.flatMap(({ audit = [] }) => audit);
const trail = entriesOf(judgedOutputs(ticks));

function problems(entries: readonly AuditEntry[]): string[] {
  const wrong = trailChecker();
  return entries.flatMap((entry) => {
    const problem = wrong(entry);
    return problem === undefined ? [] : [`${entry.number}: ${problem}`];
  });
}

/** As one would who knows how it is made. */
function resealed(entry: AuditEntry): AuditEntry {
  const { hash: _, ...unsealed } = entry;
  return { ...unsealed, hash: createHash('sha256').update(JSON.stringify(unsealed)).digest('hex') };
}

describe('the audit trail', () => {
  test('has an entry for every change, by whom and why, in the order of the run', () => {
    expect(trail.map(({ number, atMs, what, by, why, state }) => [number, atMs, what, by, why, state])).toEqual([
      [1, at(11), 'opened', null, 'treatment-off:A:600000', 'open'],
      [2, at(11), 'opened', null, 'treatment-off:B:600000', 'open'],
      [3, at(13), 'dispatch', '王', null, 'dispatched'],
      [4, at(14), 'escalated', null, 'serious', 'dispatched'],
      [5, at(20), 'dismiss', '王', '误报', 'dismissed'],
    ]);
  });

  test('can be verified by anybody who has its lines: the hash is that of the line without it', () => {
    let previous = '0'.repeat(64);
    for (const line of trail.map((entry) => JSON.stringify(entry))) {
      const sealed = line.replace(/,"hash":"[0-9a-f]{64}"\}$/, '}');
      expect(sealed).toContain(`"previous":"${previous}"`);
      previous = createHash('sha256').update(sealed).digest('hex');
      expect(line).toContain(`"hash":"${previous}"`);
    }
  });

  test('goes on from a saved state as if nothing had been', () => {
    for (let cut = 0; cut <= ticks.length; cut++) {
      const outputs = judgedOutputs(ticks).map(({ audit: _, ...output }) => output);
      const [before, after] = [auditTrail(), auditTrail()];
      const head = outputs.slice(0, cut).map(before.follow);
      after.restore(structuredClone(before.save()));
      expect(entriesOf([...head, ...outputs.slice(cut).map(after.follow)])).toEqual(trail);
    }
  });

  test('forgets what ended long ago, and not what late data may still change', () => {
    const of = auditTrail();
    const output = (incident: Incident, nowMs: number) =>
      of.follow({ rows: [], windows: [], places: [], findings: [], incidents: [incident], nowMs, seq: 1 });
    output(dismissed, at(21));
    output({ ...dismissed, revision: 4 }, 6 * dayMs);
    expect(entriesOf([output({ ...dismissed, revision: 5 }, 7 * dayMs)])).toEqual([]);
    output(other, 11 * dayMs);
    expect([...of.save().followed.keys()]).toEqual([other.id]);
  });

  test('is unbroken as it was made; so are trails of several runs in one history', () => {
    expect(problems(trail)).toEqual([]);
    const another = entriesOf(judgedOutputs([ticks[0], { nowMs: at(14), incidents: [dispatched] }, ticks[3]]));
    expect(problems([...trail, ...another].sort((a, b) => a.number - b.number))).toEqual([]);
  });

  test.each<[string, (entries: AuditEntry[]) => unknown, RegExp]>([
    ['a word is changed', (all) => all.splice(2, 1, { ...all[2], by: '李' }), /^3: it was changed/],
    [
      'a word is changed and sealed again',
      (all) => all.splice(2, 1, resealed({ ...all[2], by: '李' })),
      /^4: it does not continue/,
    ],
    ['one is taken out', (all) => all.splice(2, 1), /^4: number 3 is missing/],
    ['the first is taken out', (all) => all.splice(0, 1), /^2: number 1 is missing/],
    ['one is put in', (all) => all.splice(2, 0, resealed({ ...all[2], previous: all[0].hash })), /^3: it does not continue/],
    ['two change places', (all) => all.splice(1, 2, all[2], all[1]), /^3: number 2 is missing/],
    ['the beginning is another', (all) => all.splice(0, 1, resealed({ ...all[0], atMs: 0 })), /^2: it does not continue/],
  ])('is broken where %s', (_, tamper, words) => {
    const all = [...trail];
    tamper(all);
    expect(problems(all)[0]).toMatch(words);
  });
});
