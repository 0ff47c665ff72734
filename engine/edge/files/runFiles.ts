// The files of a headless run (design section 9): NDJSON sorted by time then key, the last revision of each key.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, open as openFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline as pump } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { Output, SourceNames } from '../../pipeline/ports.ts';
import type { Batch } from '../../schema/batch.ts';
import { catalog, kinds } from '../../schema/catalog.ts';
import type { Finding } from '../../schema/finding.ts';
import { flagsOf } from '../../schema/flags.ts';
import type { Incident } from '../../schema/incident.ts';
import { Bin } from '../../schema/ledger.ts';
import { problemCodes, type Refused } from '../../schema/problem.ts';
import { type AirColumns, type PlaceBatch, pollutantIds, type WindowBatch } from '../../schema/window.ts';
import type { Disk } from '../disk.ts';
import { byText, type Keyed, type KeyedHour, keyed } from './keyedLines.ts';

export interface RunFiles {
  take(output: Output): Promise<void>;
  /** Everything written is on the disk; what is still held, and how long the files are. Nothing may be taken meanwhile. */
  save(): Promise<SavedRunFiles>;
  /** `run.json` gets the summary and the SHA-256 of every other file; `ledger.json` the ledger. */
  finish(summary: Readonly<Record<string, unknown>>, ledger: unknown): Promise<void>;
}

export interface RunFilesOptions {
  readonly sources: SourceNames;
  readonly feedName: (index: number) => string;
  /** Go on from here: files are cut to the length that they had. */
  readonly saved?: SavedRunFiles;
  readonly disk: Disk;
}

/** In parts, an hour of lines each: a long run with a large city holds hundreds of thousands of lines. */
export type SavedRunFiles = readonly [SavedLengths, ...SavedHour[]];

interface SavedLengths {
  readonly lengths: Readonly<Record<string, number>>;
  readonly newestMs: number;
  readonly open: OpenTick;
}

interface SavedHour extends KeyedHour {
  readonly of: 'windows' | 'places' | 'findings' | 'incidents';
}

/** Late and refused rows, and revisions, of the tick that is still open: they are sorted before they are written. */
interface OpenTick {
  late: string[];
  rejected: string[];
  revisions: string[];
}

const hourMs = 3_600_000;
const hourOf = (ms: number) => Math.floor(ms / hourMs) * hourMs;
/** Hours older than this behind the newest are final: past the 48 h in which late rows revise them. */
const finalMs = 75 * hourMs;
/** Lines that wait are written together. */
const flushLines = 5_000;

/** Warnings and orders come with their own parts; until then their files are empty. */
const emptyFiles = ['warnings.ndjson', 'orders.ndjson'] as const;

export async function runFiles(dir: string, options: RunFilesOptions): Promise<RunFiles> {
  const path = (name: string) => join(dir, name);
  const names = [
    'windows-1h.ndjson',
    'city-1h.ndjson',
    'revisions.ndjson',
    'late.ndjson',
    'rejected.ndjson',
    'findings.ndjson',
    'incidents.ndjson',
    'audit.ndjson',
  ] as const;
  const [saved, ...hours] = options.saved ?? [];
  for (const name of [...names, ...emptyFiles]) {
    if (saved === undefined) await writeFile(path(name), '');
    else await truncate(path(name), saved.lengths[name] ?? 0);
  }
  const lengths = new Map<string, number>(Object.entries(saved?.lengths ?? {}));
  const windows = keyed(hours.filter((hour) => hour.of === 'windows'));
  const places = keyed(hours.filter((hour) => hour.of === 'places'));
  /** To the end: a finding may stay open for days. */
  const findings = keyed(hours.filter((hour) => hour.of === 'findings'));
  const heldIncidents = hours.filter((hour) => hour.of === 'incidents');
  const incidents = keyed(heldIncidents);
  /** Key by id: an incident's beginning goes back when a cause joins that is older. */
  const keyOfIncident = new Map(
    heldIncidents.flatMap(({ lines }) => [...lines.keys()].map((key) => [key.slice(key.indexOf(' ') + 1), key] as const)),
  );
  const waiting = new Map<string, string[]>(names.map((name) => [name, []]));
  let newestMs = saved?.newestMs ?? Number.NEGATIVE_INFINITY;
  let open: OpenTick = saved?.open ?? { late: [], rejected: [], revisions: [] };

  async function write(name: string, lines: readonly string[], isLast = false): Promise<void> {
    const pending = waiting.get(name) as string[];
    for (const line of lines) pending.push(line);
    if (pending.length === 0 || (pending.length < flushLines && !isLast)) return;
    waiting.set(name, []);
    const text = Buffer.from(`${pending.join('\n')}\n`);
    const before = lengths.get(name) ?? 0;
    await options.disk.keepTrying(path(name), async () => {
      await truncate(path(name), before); // what half a try has left
      await appendFile(path(name), text);
    });
    lengths.set(name, before + text.length);
  }

  function takeWindows(batch: WindowBatch): void {
    if (batch.size !== '1h') return;
    for (let row = 0; row < batch.rows; row++) {
      const source = options.sources.id(batch.kind, batch.source[row]);
      const startMs = batch.startMs[row];
      const line = JSON.stringify({
        startMs,
        kind: batch.kind,
        source,
        captureMs: batch.captureMs[row],
        revision: batch.revision[row],
        ...meansOf(batch, row),
        ...flagsIn(batch, row),
        ...indexOf(batch.air, row),
      });
      windows.put(startMs, `${kinds.indexOf(batch.kind)} ${source}`, line);
      if (batch.revision[row] > 0) open.revisions.push(line);
      newestMs = Math.max(newestMs, startMs);
    }
  }

  function takePlaces(batch: PlaceBatch): void {
    for (let row = 0; row < batch.rows; row++) {
      const startMs = batch.startMs[row];
      const line = JSON.stringify({
        startMs,
        kind: 'air',
        source: batch.place[row],
        scope: batch.scope[row],
        stations: batch.stations[row],
        stationsAll: batch.stationsAll[row],
        revision: batch.revision[row],
        mean: Object.fromEntries(pollutantIds.map((id, i) => [id, rounded(batch.mean[i][row], id === 'co' ? 4 : 2)])),
        ...indexOf(batch.air, row),
        aqi24: orNull(batch.aqi24[row]),
      });
      places.put(startMs, `${batch.scope[row] === 'city' ? 1 : 0} ${batch.place[row]}`, line);
      if (batch.revision[row] > 0) open.revisions.push(line);
    }
  }

  function takeFinding(finding: Finding): void {
    const { id, openedMs } = finding;
    findings.put(hourOf(openedMs), `${openedMs} ${id}`, JSON.stringify(finding));
  }

  function takeIncident(incident: Incident): void {
    const { id, openedMs } = incident;
    const key = `${openedMs} ${id}`;
    const before = keyOfIncident.get(id);
    if (before !== undefined && before !== key) incidents.drop(hourOf(Number.parseInt(before, 10)), before);
    keyOfIncident.set(id, key);
    incidents.put(hourOf(openedMs), key, JSON.stringify(incident));
  }

  function takeRows(batch: Batch): void {
    for (let row = 0; row < batch.rows; row++) {
      const bin = batch.bin[row];
      if (bin === Bin.lateDiverted) open.late.push(JSON.stringify(rowLine(batch, row)));
      else if (bin === Bin.rejected || bin === Bin.quarantined) {
        open.rejected.push(JSON.stringify({ ...rowLine(batch, row), problem: problemCodes[batch.reason[row]] }));
      }
    }
  }

  function takeRefused({ feed, rows, code, kind, source, eventMs, field, value }: Refused): void {
    open.rejected.push(
      JSON.stringify({
        eventMs: eventMs ?? null,
        kind: kind ?? null,
        source: source ?? null,
        feed: options.feedName(feed),
        rows,
        field,
        value,
        problem: code,
      }),
    );
  }

  function rowLine(batch: Batch, row: number) {
    const { metrics } = catalog[batch.kind];
    return {
      eventMs: batch.eventMs[row],
      kind: batch.kind,
      source: options.sources.id(batch.kind, batch.source[row]),
      feed: options.feedName(batch.feed),
      periodMs: batch.periodMs[row],
      ...(batch.id === undefined ? {} : { id: batch.id[row] }),
      values: Object.fromEntries(
        metrics.map(({ id, resolution, scale }, m) => {
          const units = batch.values[m][row];
          return [id, Number.isFinite(units) ? (resolution < 1 ? units / scale : units * resolution) : null];
        }),
      ),
    };
  }

  async function closeTick(): Promise<void> {
    const { late, rejected, revisions } = open;
    open = { late: [], rejected: [], revisions: [] };
    await write('late.ndjson', late.sort(byText));
    await write('rejected.ndjson', rejected.sort(byText));
    await write('revisions.ndjson', revisions);
    const finalBefore = newestMs - finalMs;
    await write('windows-1h.ndjson', windows.takeBefore(finalBefore));
    await write('city-1h.ndjson', places.takeBefore(finalBefore));
  }

  return {
    async take(output) {
      for (const batch of output.rows) takeRows(batch);
      for (const each of output.refused ?? []) takeRefused(each);
      for (const batch of output.windows) takeWindows(batch);
      for (const batch of output.places) takePlaces(batch);
      for (const finding of output.findings) takeFinding(finding);
      for (const incident of output.incidents) takeIncident(incident);
      await write(
        'audit.ndjson',
        (output.audit ?? []).map((entry) => JSON.stringify(entry)),
      );
      if (output.nowMs !== null) await closeTick();
    },
    async save() {
      for (const name of names) {
        await write(name, [], true);
        const file = await openFile(path(name), 'r+');
        await file.datasync();
        await file.close();
      }
      const parts: SavedHour[] = [];
      const all = { windows, places, findings, incidents };
      for (const [of, held] of Object.entries(all) as [SavedHour['of'], Keyed][]) {
        for (const hour of held.save()) {
          parts.push({ of, ...hour });
          await turn();
        }
      }
      return [{ lengths: Object.fromEntries(lengths), newestMs, open: structuredClone(open) }, ...parts];
    },
    async finish(summary, ledger) {
      await closeTick();
      await write('windows-1h.ndjson', windows.takeBefore(Number.POSITIVE_INFINITY));
      await write('city-1h.ndjson', places.takeBefore(Number.POSITIVE_INFINITY));
      await write('findings.ndjson', findings.takeBefore(Number.POSITIVE_INFINITY));
      await write('incidents.ndjson', incidents.takeBefore(Number.POSITIVE_INFINITY));
      for (const name of names) await write(name, [], true);
      await writeFile(path('ledger.json'), `${JSON.stringify(ledger, null, 1)}\n`);
      const sha256: Record<string, string> = {};
      for (const name of (await readdir(dir)).sort(byText))
        if (/\.(ndjson|json|journal)$/.test(name) && name !== 'run.json') sha256[name] = await hashOf(path(name));
      await writeFile(path('run.json'), `${JSON.stringify({ ...summary, sha256 }, null, 1)}\n`);
    },
  };
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pump(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Means to one digit more than the metric's resolution. */
function meansOf(batch: WindowBatch, row: number) {
  const mean: Record<string, number> = {};
  catalog[batch.kind].metrics.forEach((metric, m) => {
    const value = batch.metrics[m].mean[row];
    if (!Number.isNaN(value)) mean[metric.id] = rounded(value, metric.resolution < 1 ? String(metric.scale).length : 1) as number;
  });
  return { mean };
}

/** Only where there are any. */
function flagsIn(batch: WindowBatch, row: number) {
  const { metrics } = catalog[batch.kind];
  const flagged = metrics.flatMap(({ id }, m) => {
    const mask = batch.metrics[m].flags[row];
    return mask === 0 ? [] : [[id, flagsOf(mask)] as const];
  });
  return flagged.length === 0 ? {} : { flags: Object.fromEntries(flagged) };
}

function indexOf(air: AirColumns | undefined, row: number) {
  if (air === undefined) return {};
  return {
    aqi: orNull(air.aqi[row]),
    iaqi: Object.fromEntries(pollutantIds.map((id, i) => [id, orNull(air.iaqi[i][row])])),
    primary: pollutantIds.filter((_, i) => ((air.primary[row] >> i) & 1) === 1),
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function rounded(value: number, digits: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toFixed(digits));
}
