// What the rules know of sources when some are gone, or are others than they were: numbers stay, and nobody stands where one is gone.

import type { Kind } from '../../schema/catalog.ts';
import type { RegisterSources, SourcesGone } from '../../schema/flow.ts';
import type { Source } from '../../schema/register.ts';
import { type Detector, Judgement } from './detector.ts';

/** Without an id, a place and a district it is no unit that is judged, nobody's neighbour, and in no district. */
const nobody = (kind: Kind): Source => ({ kind, id: '', zh: '', district: '' });

/** Nobody in the places of those that are gone; those side by side are one command. */
export function withoutSources(known: readonly RegisterSources[], { kind, sources }: SourcesGone): readonly RegisterSources[] {
  const commands: { readonly first: number; readonly sources: Source[] }[] = [];
  const end = Math.max(0, ...known.map((each) => (each.kind === kind ? each.first + each.sources.length : 0)));
  for (const index of sources) {
    if (index >= end) continue;
    const last = commands.at(-1);
    if (last !== undefined && last.first + last.sources.length === index) last.sources.push(nobody(kind));
    else commands.push({ first: index, sources: [nobody(kind)] });
  }
  return commands.map((command) => ({ name: 'sources', kind, ...command }));
}

/** With other sources in place of some; what it says beyond those that are known is a command of its own. */
export function withSources(known: readonly RegisterSources[], command: RegisterSources): RegisterSources[] {
  const { kind, first, sources } = command;
  let end = 0;
  const changed = known.map((each): RegisterSources => {
    if (each.kind !== kind) return each;
    end = Math.max(end, each.first + each.sources.length);
    return { ...each, sources: each.sources.map((source, i) => sources[each.first + i - first] ?? source) };
  });
  if (first + sources.length > end) changed.push({ ...command, first: end, sources: sources.slice(end - first) });
  return changed;
}

export const isAnyoneGone = (known: readonly RegisterSources[]) =>
  known.some(({ sources }) => sources.some(({ id }) => id === ''));

/** A rule whose units are sources: of one that is gone nothing is known, whatever windows of it are still on their way. */
export function ofThoseThere(detector: Detector, isAnyGone: () => boolean): Detector {
  const isGone = (unit: number) => isAnyGone() && detector.unitId(unit) === '';
  return { ...detector, judge: (unit, step) => (isGone(unit) ? Judgement.unknown : detector.judge(unit, step)) };
}
