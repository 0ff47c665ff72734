// Evidence from windows: the mean of a metric over some steps, as a value for people.

import { catalog, type Kind } from '../../schema/catalog.ts';
import type { Evidence } from '../../schema/finding.ts';
import type { Says } from '../../schema/says.ts';
import { meanOf } from './lookBack.ts';
import type { Series } from './series.ts';
import type { SourceIndex } from './sourceIndex.ts';

export interface Stretch {
  readonly series: Series;
  readonly kind: Kind;
  readonly metric: number;
  /** Number of the source, and the names of its kind. */
  readonly source: number;
  readonly sources: SourceIndex;
  /** [fromStep, toStep] */
  readonly fromStep: number;
  readonly toStep: number;
}

/** Half away from zero, to the metric's resolution: what its instrument could have said. */
export function atResolution(kind: Kind, metric: number, value: number): number {
  const { scale, resolution } = catalog[kind].metrics[metric];
  return resolution < 1 ? Math.round(value * scale) / scale : Math.round(value / resolution) * resolution;
}

export function meanEvidence(of: Stretch, says: Says, compared: Pick<Evidence, 'limit' | 'side'> = {}): Evidence {
  const { series, kind, metric, source, sources, fromStep, toStep } = of;
  const { id, unit } = catalog[kind].metrics[metric];
  const { limit, side } = compared;
  let revision = 0;
  for (let step = fromStep; step <= toStep; step++) revision = Math.max(revision, series.revision(kind, source, step));
  return {
    kind,
    source: sources.id(source),
    metric: id,
    startMs: fromStep * series.sizeMs,
    endMs: (toStep + 1) * series.sizeMs,
    value: atResolution(kind, metric, meanOf(of, source, [fromStep, toStep])),
    unit,
    ...(revision === 0 ? {} : { revision }),
    ...(limit === undefined ? {} : { limit: atResolution(kind, metric, limit), side }),
    says,
  };
}
