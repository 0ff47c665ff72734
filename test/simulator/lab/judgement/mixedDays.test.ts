// The scenarios of the judgement: readable, the same for a seed, and with enough of every kind.

import { describe, expect, test } from 'vitest';
import { mixedDays } from '../../../../simulator/lab/judgement/mixedDays.ts';
import { quietDays } from '../../../../simulator/lab/judgement/quietDays.ts';
import { parseScenario } from '../../../../simulator/scenario.ts';
import type { Incident } from '../../../../simulator/world/episode.ts';

const seeds = Array.from({ length: 15 }, (_, i) => 9000 + i);

function incidentsOf(seed: number): readonly Incident[] {
  const { scenario, problems } = parseScenario(mixedDays(seed), 'mixed');
  expect(problems).toEqual([]);
  return scenario?.incidents ?? [];
}

/** Targets of an incident. */
const targets = (incident: Incident): number =>
  incident.kind === 'fire' ? incident.count : 'target' in incident ? incident.target.count : 1;

describe('mixed days', () => {
  test('thirty days have more than two hundred causes of every kind, few of them fires', () => {
    const all = seeds.flatMap(incidentsOf);
    const sum = (some: readonly Incident[]) => some.reduce((total, each) => total + targets(each), 0);
    expect(sum(all)).toBeGreaterThan(200);
    expect(sum(all.filter(({ kind }) => kind === 'fire')) / sum(all)).toBeLessThan(0.4);
    for (const kind of ['control_failure', 'fugitive', 'night_discharge', 'dust_no_control', 'fire', 'fireworks'] as const)
      expect(all.some((each) => each.kind === kind)).toBe(true);
  });

  test('a seed is one scenario, another seed another', () => {
    expect(mixedDays(9001)).toBe(mixedDays(9001));
    expect(mixedDays(9001)).not.toBe(mixedDays(9002));
  });
});

test('quiet days have nobody who does wrong, and the usual faults', () => {
  for (const seed of seeds) {
    const { scenario, problems } = parseScenario(quietDays(seed), 'quiet');
    expect(problems).toEqual([]);
    expect(scenario).toMatchObject({ incidents: [], cheatRate: 0, sensorFaultRate: 1, networkFaultRate: 1 });
  }
});
