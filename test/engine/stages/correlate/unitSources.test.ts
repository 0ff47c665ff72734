import { expect, test } from 'vitest';
import { unitSources } from '../../../../engine/stages/correlate/unitSources.ts';
import { named } from '../../../harness/windowSteps.ts';

const power = (id: string) => ({ kind: 'power', id }) as const;
const make = () =>
  unitSources(
    [
      { main: power('M'), own: { kind: 'cems', id: 'C1' } },
      { main: power('M'), own: undefined },
    ],
    ['main', 'own'],
  );

test('sources that are not known yet, or that a unit does not have, are -1', () => {
  const sources = make();
  expect([...sources.of.main, ...sources.of.own]).toEqual([-1, -1, -1, -1]);
  sources.set('power', 0, named('power', 'P', 'M'));
  expect([...sources.of.main, ...sources.of.own]).toEqual([1, 1, -1, -1]);
});

test('a source knows its units, by kind', () => {
  const sources = make();
  sources.set('power', 0, named('power', 'P', 'M'));
  sources.set('cems', 0, named('cems', 'C0', 'C1'));
  expect(sources.unitsOf('power', 1)).toEqual([0, 1]);
  expect(sources.unitsOf('power', 0)).toEqual([]);
  expect(sources.unitsOf('cems', 1)).toEqual([0]);
  expect(sources.unitsOf('voc', 1)).toEqual([]);
});

test('sources that come later join those before', () => {
  const sources = make();
  sources.set('power', 0, named('power', 'P'));
  sources.set('power', 1, named('power', 'M'));
  expect([...sources.of.main]).toEqual([1, 1]);
  expect(sources.names('power').id(1)).toBe('M');
});
