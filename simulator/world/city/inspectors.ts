// 5,500 grid inspectors (网格员), spread over the townships by weight.

import type { Inspector } from '../../../engine/schema/register.ts';
import { apportioned, draws, padded } from './draws.ts';
import { personName } from './names.ts';
import { hengshuiTownships, townshipWeights } from './townships.ts';

/** Design section 2. */
export const inspectorCount = 5500;

/** Even a rural township of weight 1 has some twenty villages, so weights are softened by as much. */
const villages = 1.5;

export function makeInspectors(seed: number): Inspector[] {
  const draw = draws(seed, 'inspector');
  const counts = apportioned(
    inspectorCount,
    townshipWeights.map((weight) => weight + villages),
  );
  const inspectors: Inspector[] = [];
  for (const [t, { code, district }] of hengshuiTownships.entries())
    for (let i = 0; i < counts[t]; i++) {
      const number = inspectors.length + 1;
      inspectors.push({ id: `GRID-${padded(number, 4)}`, zh: personName(draw, number), township: code, district });
    }
  return inspectors;
}
