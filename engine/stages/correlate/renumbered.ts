// What a run knew of its units, when they have other numbers than they had: the register changed, or the rules.

export interface SavedUnits<Spans> {
  /** By number: ids, as the number of one may be another's when the run goes on. */
  readonly units: readonly string[];
  /** Units for which there is room. */
  readonly capacity: number;
  /** Position: slot of the step * capacity + unit. */
  readonly states: Uint16Array;
  readonly spans: readonly (readonly [unit: number, spans: Spans])[];
}

/** By name. New units begin with nothing; what was known of those that are gone is left out, and their spans are said. */
export function renumbered<Spans>(
  saved: SavedUnits<Spans>,
  units: readonly string[],
): { readonly known: SavedUnits<Spans>; readonly gone: SavedUnits<Spans>['spans'] } {
  if (saved.units.every((id, unit) => units[unit] === id)) return { known: saved, gone: [] };
  const numbers = new Map(units.map((id, unit) => [id, unit]));
  const now = saved.units.map((id) => numbers.get(id) ?? -1);
  const steps = saved.capacity === 0 ? 0 : saved.states.length / saved.capacity;
  const capacity = steps === 0 ? 0 : Math.ceil(units.length / 16) * 16; // before the first step there is room for nobody
  const states = new Uint16Array(capacity * steps);
  now.forEach((unit, was) => {
    if (unit < 0) return;
    for (let slot = 0; slot < steps; slot++) states[slot * capacity + unit] = saved.states[slot * saved.capacity + was];
  });
  const spans = saved.spans.flatMap(([was, own]) => (now[was] < 0 ? [] : [[now[was], own] as const]));
  return { known: { units, capacity, states, spans }, gone: saved.spans.filter(([was]) => now[was] < 0) };
}
