// Which metrics of a kind one instrument measures, so that a fault of the instrument meets them together.

import { catalog, type Kind } from '../../../engine/schema/catalog.ts';

/** Concentrations and power, grouped by instrument. Weather is left out: no default fault meets it. */
const instruments: Readonly<Partial<Record<Kind, readonly (readonly string[])[]>>> = {
  air: [['pm25', 'pm10'], ['so2'], ['no2'], ['o3'], ['co']],
  cems: [
    ['so2', 'so2Conv'],
    ['nox', 'noxConv'],
    ['pm', 'pmConv'],
  ],
  voc: [['nmhc'], ['benzene', 'toluene']],
  dust: [['pm10', 'pm25', 'tsp']],
  power: [['kw']],
};

export function instrumentsOf(kind: Kind): readonly (readonly string[])[] {
  return instruments[kind] ?? [];
}

/** What a gain, a drift or a spike can meet: a direction or an air pressure times 1.5 would be no fault but nonsense. */
export function gainMetrics(kind: Kind): readonly string[] {
  return instrumentsOf(kind).flat();
}

export function allMetrics(kind: Kind): readonly string[] {
  return catalog[kind].metrics.map(({ id }) => id);
}
