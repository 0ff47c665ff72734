// Findings: every rule looks at the newest windows on each tick, and again at what came late.

import { catalog } from '../../schema/catalog.ts';
import type { Finding } from '../../schema/finding.ts';
import type { EngineItem, RegisterSources, SourcesGone, Tick } from '../../schema/flow.ts';
import type { Stage } from '../../schema/stage.ts';
import type { PlaceBatch, WindowSize } from '../../schema/window.ts';
import { attributionOf, type Fire } from './attribution.ts';
import type { CityPlaces } from './cityPlaces.ts';
import type { Detector } from './detector.ts';
import { districtHours, type SavedDistrictHours } from './districtHours.ts';
import { dustExceedance, dustViolation } from './dust.ts';
import { dustRise } from './dustRise.ts';
import { stackExceedance, stackTrend, vocExceedance } from './exceedance.ts';
import { type KeptSize, keptSizes, keptWindows } from './keptWindows.ts';
import { knownFires } from './knownFires.ts';
import type { ProcessLink } from './links.ts';
import { meterBypass, meterFault } from './meterBypass.ts';
import { completeRules, type Rules, sameSettings } from './ruleCatalog.ts';
import { sensorGaps, sensorInversion, sensorSpikes, siteConstant, stationConstant } from './sensorFaults.ts';
import { bySource, type SavedSeries, type Series, type Touched, windowSeries } from './series.ts';
import { isAnyoneGone, ofThoseThere, withoutSources, withSources } from './sourceChanges.ts';
import { stackConstant } from './stackConstant.ts';
import { stackDilution } from './stackDilution.ts';
import { stackDrop } from './stackDrop.ts';
import { stackFlow } from './stackFlow.ts';
import { stackMarks } from './stackMarks.ts';
import { stationSpray } from './stationSpray.ts';
import { stationHigh, stationRise } from './stations.ts';
import { type SavedRun, type StepRun, stepRun } from './steps.ts';
import { treatmentIdle, treatmentOff } from './treatment.ts';
import { vocTreatment } from './vocTreatment.ts';
import { type SavedWatchers, watchersOf } from './watchers.ts';

export interface CorrelateOptions {
  readonly rules: Rules;
  readonly links: readonly ProcessLink[];
  /** What stands where; absent: candidates and townships are not named. */
  readonly places?: CityPlaces;
  /** Windows close this long after their end at the latest, beside their lateness. */
  readonly holdMs: number;
}

interface Saved {
  readonly rules: Rules;
  /** Of the register that the runs were judged by. */
  readonly register: string;
  /** Closed by a change of rules, and not told yet. */
  readonly over: readonly Finding[];
  /** `RegisterSources` as they became known. As text, like the register: thousands of objects would take a checkpoint's time. */
  readonly sources: readonly string[];
  readonly series: readonly SavedSeries[];
  readonly runs: readonly (readonly [rule: string, run: SavedRun])[];
  readonly touched: readonly (readonly [size: WindowSize, touched: readonly Touched[]])[];
  readonly tickMs: number;
  readonly watchers: SavedWatchers;
  readonly districts: SavedDistrictHours;
  readonly fires: readonly Fire[];
}

/**
 * Passes everything on. A step of time is judged on the first tick at which all sources that keep to their lateness have closed
 * its window; findings that are new or have changed follow, before the tick. Windows that come later are judged again.
 * Other rules count from the next tick on: what is open goes on under them, and is closed where its rule is off.
 */
export function correlateStage({ rules: first, links, places, holdMs }: CorrelateOptions): Stage<EngineItem, EngineItem> {
  const series = Object.fromEntries(keptSizes.map((size) => [size, windowSeries(keptWindows[size])])) as unknown as Readonly<
    Record<KeptSize, Series>
  >;
  const [minutes, fives, hours] = [series['1m'], series['5m'], series['1h']];
  const districts = districtHours(keptWindows['1h'].steps);
  /** Dust sites by district: its hours come behind theirs. */
  const sitesOf = new Map<string, number[]>();
  const fires = knownFires('straw-fire');
  const attribution = attributionOf({ links, places, fives, hours, districts, fires: () => fires.all });
  const detectorsOf = (rules: Rules): readonly Detector[] =>
    [
      treatmentOff(links, series['1m'], rules),
      treatmentIdle(links, series['1m'], rules),
      stackExceedance(links, series['1m'], series['1h'], rules),
      vocExceedance(links, series['1m'], series['1h'], rules),
      stackTrend(links, series['1m'], rules),
      stackFlow(links, series['1m'], rules),
      vocTreatment(links, series['1m'], rules),
      meterBypass(links, series['1m'], series['1h'], rules),
      meterFault(links, fives, rules),
      stackConstant(links, series['1m'], rules),
      stackDrop(links, series['1m'], series['1h'], rules),
      stackDilution(links, series['1m'], rules),
      stackMarks(links, series['1m'], series['1h'], rules),
      dustExceedance({ fives, hours }, districts, rules),
      dustViolation({ fives, hours }, districts, rules),
      dustRise({ fives, hours }, districts, rules),
      stationHigh({ fives, hours }, attribution, rules),
      stationRise({ fives, hours }, attribution, rules),
      stationConstant({ minutes }, rules),
      siteConstant({ minutes }, rules),
      stationSpray({ fives, hours }, rules),
      sensorSpikes(minutes, rules),
      sensorInversion(minutes, rules),
      sensorGaps(fives, rules),
    ].filter(({ rule }) => rules[rule as keyof Rules].on);
  const runOf = (detector: Detector, after?: number): StepRun =>
    stepRun(
      ofThoseThere(detector, () => isAnyGone),
      series[detector.size as KeptSize],
      after,
    );
  const register = JSON.stringify([links, places]);
  let rules = completeRules(first);
  let runs = detectorsOf(rules).map((detector) => runOf(detector));
  let over: Finding[] = [];
  let tickMs = Number.NEGATIVE_INFINITY;
  const touched = new Map<WindowSize, Touched[]>(keptSizes.map((size) => [size, []]));
  let known: RegisterSources[] = [];
  let knownText: string[] = [];
  let isAnyGone = false;
  const settleMs = holdMs + catalog.power.latenessMs;
  const makeWatchers = () => watchersOf({ rules, places, minutes: series['1m'], settleMs });
  let watchers = makeWatchers();

  function learn(command: RegisterSources): void {
    for (const each of Object.values(series)) each.reserve(command.kind, command.first + command.sources.length);
    watchers.learn(command);
    const isChange = known.some(({ kind, first, sources }) => kind === command.kind && command.first < first + sources.length);
    if (isChange) {
      setKnown(withSources(known, command));
      return;
    }
    known.push(command);
    knownText.push(JSON.stringify(command));
    isAnyGone ||= isAnyoneGone([command]);
    for (const { detector } of runs) detector.setSources(command.kind, command.first, command.sources);
    learnSites(command);
  }

  function learnSites({ kind, first, sources }: RegisterSources): void {
    if (kind !== 'dust') return;
    sources.forEach(({ district }, i) => {
      sitesOf.set(district, [...(sitesOf.get(district) ?? []), first + i]);
    });
  }

  function leave(gone: SourcesGone): void {
    watchers.leave(gone);
    const empty = withoutSources(known, gone);
    for (const command of empty) watchers.learn(command);
    setKnown(empty.reduce(withSources, known));
  }

  /** Who is where has changed: detectors begin anew with that, and with what was known of each unit by its id. */
  function setKnown(next: RegisterSources[]): void {
    known = next;
    knownText = known.map((command) => JSON.stringify(command));
    isAnyGone = isAnyoneGone(known);
    sitesOf.clear();
    known.forEach(learnSites);
    const before = runs;
    runs = detectorsOf(rules).map((detector, i) => {
      for (const { kind, first: index, sources } of known) detector.setSources(kind, index, sources);
      const run = runOf(detector);
      over.push(...run.restore(before[i].save(), { settled: true, closedBy: 'register' }));
      return run;
    });
  }

  function takePlaces(batch: PlaceBatch): void {
    const judged = dueOf('1h', tickMs);
    for (const { district, step } of districts.take(batch))
      if (step <= judged)
        touched.get('1h')?.push(...(sitesOf.get(district) ?? []).map((source) => ({ kind: 'dust', source, step }) as const));
  }

  /** A rule that is as it was goes on as it was; its detector is another, since it may look at other rules too. */
  function setRules(next: Rules): void {
    const gone = new Map(runs.map((run) => [run.detector.rule, run]));
    runs = detectorsOf(next).map((detector) => {
      for (const { kind, first: index, sources } of known) detector.setSources(kind, index, sources);
      const run = runOf(detector, dueOf(detector.size as KeptSize, tickMs));
      const before = gone.get(detector.rule);
      if (before === undefined) return run;
      gone.delete(detector.rule);
      const id = detector.rule as keyof Rules;
      over.push(...run.restore(before.save(), { settled: !sameSettings(rules[id], next[id]), closedBy: 'rule' }));
      return run;
    });
    for (const run of gone.values()) over.push(...run.abolish());
    rules = next;
    const saved = watchers.save();
    watchers = makeWatchers();
    for (const command of known) watchers.learn(command);
    watchers.restore(saved);
  }

  /** The newest step that is judged at a tick. */
  const dueOf = (size: KeptSize, atMs: number) => Math.floor((atMs - settleMs) / series[size].sizeMs) - 1;

  function tick(now: Tick): readonly Finding[] {
    const { nowMs } = now;
    tickMs = nowMs;
    const late = new Map([...touched].map(([size, list]) => [size, bySource(list)]));
    const findings = runs.flatMap((run) => {
      const { size } = run.detector;
      return run.advance(dueOf(size as KeptSize, nowMs), late.get(size) ?? [], nowMs, late.get('1h'));
    });
    for (const list of touched.values()) list.length = 0;
    findings.push(...watchers.advance(now, findings));
    fires.take(findings, nowMs);
    findings.push(...over);
    over = [];
    return findings.sort((a, b) => a.openedMs - b.openedMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.revision - b.revision));
  }

  return {
    next(item) {
      switch (item.type) {
        case 'command':
          if (item.command.name === 'sources') learn(item.command);
          else if (item.command.name === 'sources-gone') leave(item.command);
          else if (item.command.name === 'rules') setRules(completeRules(item.command.rules));
          return [item];
        case 'rows':
          watchers.take(item.batch);
          return [item];
        case 'windows': {
          // With all rules off nobody looks: a rule that is switched on then begins with what comes.
          if (!(item.size in keptWindows) || !isAnyOn(rules)) return [item];
          const late = series[item.size as KeptSize].take(item, dueOf(item.size as KeptSize, tickMs));
          touched.get(item.size)?.push(...late);
          return [item];
        }
        case 'places':
          takePlaces(item);
          return [item];
        case 'tick': {
          const findings = tick(item);
          return findings.length === 0 ? [item] : [{ type: 'findings', findings }, item];
        }
        default:
          return [item];
      }
    },
    flush: () => [],
    save: (): Saved => ({
      rules,
      register,
      over: [...over],
      sources: [...knownText],
      series: keptSizes.map((size) => series[size].save()),
      runs: runs.map((run) => [run.detector.rule, run.save()]),
      touched: [...touched].map(([size, list]) => [size, [...list]]),
      tickMs,
      watchers: watchers.save(),
      districts: districts.save(),
      fires: fires.save(),
    }),
    restore(state) {
      const saved = state as Saved;
      rules = completeRules(saved.rules);
      runs = detectorsOf(rules).map((detector) => runOf(detector));
      over = [...saved.over];
      ({ tickMs } = saved);
      watchers = makeWatchers();
      known = [];
      knownText = [];
      isAnyGone = false;
      sitesOf.clear();
      for (const command of saved.sources) learn(JSON.parse(command) as RegisterSources);
      keptSizes.forEach((size, i) => {
        series[size].restore(saved.series[i]);
      });
      const isOtherRegister = saved.register !== register;
      const byRule = new Map(saved.runs);
      for (const run of runs) {
        const own = byRule.get(run.detector.rule);
        if (own !== undefined) over.push(...run.restore(own, { settled: isOtherRegister, closedBy: 'register' }));
      }
      for (const [size, list] of saved.touched) touched.set(size, [...list]);
      watchers.restore(saved.watchers);
      districts.restore(saved.districts);
      fires.restore(saved.fires);
    },
  };
}

const isAnyOn = (rules: Rules) => Object.values(rules).some(({ on }) => on);
