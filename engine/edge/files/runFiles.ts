// The files of a headless run (design section 9): NDJSON sorted by time then key, the last revision of each key.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, open as openFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline as pump } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { Output, SourceNames } from '../../pipeline/ports.ts';
import type { Batch } from '../../schema/batch.ts';
import { kinds } from '../../schema/catalog.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Incident } from '../../schema/incident.ts';
import { Bin } from '../../schema/ledger.ts';
import type { Compliance, Order } from '../../schema/order.ts';
import { problemCodes, type Refused } from '../../schema/problem.ts';
import type { Warning } from '../../schema/warning.ts';
import type { PlaceBatch, WindowBatch } from '../../schema/window.ts';
import type { Disk } from '../disk.ts';
import { byText, type Keyed, type KeyedHour, keyed } from './keyedLines.ts';
import { placeLine, refusedLine, rowLine, warningLines, windowLine } from './runLines.ts';

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
  /** How many changes of each warning have been written. */
  readonly warningChanges: ReadonlyMap<string, number>;
}

interface SavedHour extends KeyedHour {
  readonly of: 'windows' | 'places' | 'findings' | 'incidents' | 'orders';
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
    'warnings.ndjson',
    'orders.ndjson',
    'audit.ndjson',
  ] as const;
  const [saved, ...hours] = options.saved ?? [];
  for (const name of names) {
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
  /** To the end: an order is revised until it is lifted, and judged while it holds. */
  const orders = keyed(hours.filter((hour) => hour.of === 'orders'));
  const warningChanges = new Map(saved?.warningChanges);
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
      const line = windowLine(batch, row, source);
      windows.put(startMs, `${kinds.indexOf(batch.kind)} ${source}`, line);
      if (batch.revision[row] > 0) open.revisions.push(line);
      newestMs = Math.max(newestMs, startMs);
    }
  }

  function takePlaces(batch: PlaceBatch): void {
    for (let row = 0; row < batch.rows; row++) {
      const line = placeLine(batch, row);
      places.put(batch.startMs[row], `${batch.scope[row] === 'city' ? 1 : 0} ${batch.place[row]}`, line);
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

  function takeWarning(warning: Warning): string[] {
    const known = warningChanges.get(warning.id) ?? 0;
    warningChanges.set(warning.id, warning.changes.length);
    return warningLines(warning, known);
  }

  /** Sorted by id, an order's verdict behind it. */
  function takeOrder(order: Order): void {
    orders.put(0, order.id, JSON.stringify(order));
  }

  function takeCompliance(compliance: Compliance): void {
    orders.put(0, `${compliance.order} verdict`, JSON.stringify(compliance));
  }

  function takeRows(batch: Batch): void {
    for (let row = 0; row < batch.rows; row++) {
      const bin = batch.bin[row];
      if (bin === Bin.lateDiverted) open.late.push(rowLine(batch, row, options));
      else if (bin === Bin.rejected || bin === Bin.quarantined)
        open.rejected.push(rowLine(batch, row, options, problemCodes[batch.reason[row]]));
    }
  }

  function takeRefused(refused: Refused): void {
    open.rejected.push(refusedLine(refused, options.feedName(refused.feed)));
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
      for (const order of output.orders ?? []) takeOrder(order);
      for (const compliance of output.compliance ?? []) takeCompliance(compliance);
      await write('warnings.ndjson', (output.warnings ?? []).flatMap(takeWarning));
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
      const all = { windows, places, findings, incidents, orders };
      for (const [of, held] of Object.entries(all) as [SavedHour['of'], Keyed][]) {
        for (const hour of held.save()) {
          parts.push({ of, ...hour });
          await turn();
        }
      }
      return [
        { lengths: Object.fromEntries(lengths), newestMs, open: structuredClone(open), warningChanges: new Map(warningChanges) },
        ...parts,
      ];
    },
    async finish(summary, ledger) {
      await closeTick();
      await write('windows-1h.ndjson', windows.takeBefore(Number.POSITIVE_INFINITY));
      await write('city-1h.ndjson', places.takeBefore(Number.POSITIVE_INFINITY));
      await write('findings.ndjson', findings.takeBefore(Number.POSITIVE_INFINITY));
      await write('incidents.ndjson', incidents.takeBefore(Number.POSITIVE_INFINITY));
      await write('orders.ndjson', orders.takeBefore(Number.POSITIVE_INFINITY));
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
