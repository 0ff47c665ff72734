// The live feed: a snapshot, then deltas, to every viewer within its own budget of unsent bytes.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isEnded } from '../../domain/warningMoves.ts';
import type { Output, SourceNames } from '../../pipeline/ports.ts';
import type { Batch } from '../../schema/batch.ts';
import { Quality } from '../../schema/batch.ts';
import { catalog, isKind, type Kind } from '../../schema/catalog.ts';
import { flagsOf } from '../../schema/flags.ts';
import { Bin } from '../../schema/ledger.ts';
import type { AirHour, LiveColumns, LiveMessage } from '../../schema/live.ts';
import type { Warning } from '../../schema/warning.ts';
import type { WindowBatch } from '../../schema/window.ts';
import { placeHours, stationHours } from './airHours.ts';

export interface LiveServerOptions {
  readonly names: SourceNames;
  readonly clock: 'wall' | 'feed';
  readonly viewersMax: number;
  /** A viewer with more unsent bytes gets no deltas until it has caught up, then a fresh snapshot. */
  readonly viewerBytesMax: number;
}

export interface LiveServer {
  publish(output: Output): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  viewers(): number;
  /** What snapshots are made of. */
  save(): SavedLive;
  restore(saved: unknown): void;
  close(): void;
}

export interface SavedLive {
  readonly latest: readonly (readonly [Kind, Latest])[];
  readonly hours: readonly AirHour[];
  readonly nowMs: number | null;
  readonly warnings: readonly Warning[];
}

interface Viewer {
  readonly socket: WebSocket;
  kinds: ReadonlySet<Kind>;
  /** It missed deltas; the next thing it gets is a snapshot. */
  behind: boolean;
}

const closePolicy = 1008;
/** A level yields thousands: whoever wants them asks the API. */
const ordersWhole = 100;

/** Newest row of each source of a kind, for snapshots. */
interface Latest {
  readonly eventMs: number[];
  readonly values: (number | null)[][];
}

export function liveServer(options: LiveServerOptions): LiveServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: 4096 });
  const viewers = new Set<Viewer>();
  const latest = new Map<Kind, Latest>();
  const hours = new Map<string, AirHour>();
  /** Those that have not ended. */
  const warnings = new Map<string, Warning>();
  let seq = 0;
  let nowMs: number | null = null;

  function columnsOf(
    kind: Kind,
    sources: readonly string[],
    eventMs: readonly number[],
    cells: readonly (number | null)[][],
  ): LiveColumns {
    const values = Object.fromEntries(catalog[kind].metrics.map((metric, i) => [metric.id, cells[i]]));
    return { kind, sources, eventMs, values };
  }

  function snapshot(viewer: Viewer): LiveMessage {
    const columns: LiveColumns[] = [];
    for (const [kind, state] of latest) {
      if (!viewer.kinds.has(kind)) continue;
      const known = [...state.eventMs.keys()].filter((i) => state.eventMs[i] !== undefined);
      columns.push(
        columnsOf(
          kind,
          known.map((i) => options.names.id(kind, i)),
          known.map((i) => state.eventMs[i]),
          state.values.map((column) => known.map((i) => column[i] ?? null)),
        ),
      );
    }
    const held = { hours: [...hours.values()], latest: columns, warnings: [...warnings.values()] };
    return { type: 'snapshot', seq, nowMs, clock: options.clock, ...held };
  }

  function send(viewer: Viewer, text: string): void {
    if (viewer.socket.bufferedAmount > options.viewerBytesMax) {
      viewer.behind = true;
      return;
    }
    if (viewer.behind) {
      viewer.behind = false;
      viewer.socket.send(JSON.stringify(snapshot(viewer)));
      return;
    }
    viewer.socket.send(text);
  }

  /** The text is made once, and only when somebody wants it. */
  function broadcast(kind: Kind | null, message: () => LiveMessage): void {
    seq += 1;
    let text: string | undefined;
    for (const viewer of viewers) {
      if (kind !== null && !viewer.kinds.has(kind)) continue;
      text ??= JSON.stringify(message());
      send(viewer, text);
    }
  }

  function rememberRows(batch: Batch): void {
    const metrics = catalog[batch.kind].metrics;
    let state = latest.get(batch.kind);
    if (state === undefined) {
      state = { eventMs: [], values: metrics.map(() => []) };
      latest.set(batch.kind, state);
    }
    for (let row = 0; row < batch.rows; row++) {
      if (!isAccepted(batch.bin[row])) continue;
      const source = batch.source[row];
      if (state.eventMs[source] > batch.eventMs[row]) continue;
      state.eventMs[source] = batch.eventMs[row];
      for (let m = 0; m < metrics.length; m++)
        state.values[m][source] = cell(batch, m, row, metrics[m].scale, metrics[m].resolution);
    }
  }

  function rowsMessage(batch: Batch): LiveMessage {
    const rows: number[] = [];
    for (let row = 0; row < batch.rows; row++) if (isAccepted(batch.bin[row])) rows.push(row);
    const metrics = catalog[batch.kind].metrics;
    const columns = columnsOf(
      batch.kind,
      rows.map((row) => options.names.id(batch.kind, batch.source[row])),
      rows.map((row) => batch.eventMs[row]),
      metrics.map((metric, m) => rows.map((row) => cell(batch, m, row, metric.scale, metric.resolution))),
    );
    return { type: 'rows', seq, columns };
  }

  function windowsMessage(batch: WindowBatch): LiveMessage {
    const columns = columnsOf(
      batch.kind,
      Array.from(batch.source, (source) => options.names.id(batch.kind, source)),
      Array.from(batch.startMs),
      batch.metrics.map((metric) => Array.from(metric.mean, orNull)),
    );
    const flags = flagColumns(batch);
    return { type: 'windows', seq, size: batch.size, revisions: Array.from(batch.revision), columns: { ...columns, ...flags } };
  }

  function publishHours(fresh: readonly AirHour[]): void {
    if (fresh.length === 0) return;
    for (const hour of fresh) {
      const key = `${hour.scope} ${hour.place}`;
      const known = hours.get(key);
      if (known === undefined || known.startMs <= hour.startMs) hours.set(key, hour);
    }
    broadcast(null, () => ({ type: 'hours', seq, hours: fresh }));
  }

  function publishWarnings(changed: readonly Warning[]): void {
    if (changed.length === 0) return;
    for (const warning of changed) {
      if (isEnded(warning)) warnings.delete(warning.id);
      else warnings.set(warning.id, warning);
    }
    broadcast(null, () => ({ type: 'warnings', seq, warnings: changed }));
  }

  function publishOrders({ orders = [], compliance = [] }: Output): void {
    if (orders.length + compliance.length === 0) return;
    broadcast(null, () => {
      const ids = [...new Set([...orders.map(({ id }) => id), ...compliance.map(({ order }) => order)])];
      const whole = ids.length > ordersWhole ? { orders: [], compliance: [] } : { orders, compliance };
      return { type: 'orders', seq, count: ids.length, ids, ...whole };
    });
  }

  return {
    publish(output) {
      for (const batch of output.rows) {
        rememberRows(batch);
        broadcast(batch.kind, () => rowsMessage(batch));
      }
      for (const batch of output.windows) {
        broadcast(batch.kind, () => windowsMessage(batch));
        publishHours(stationHours(batch, (index) => options.names.id('air', index)));
      }
      for (const batch of output.places) publishHours(placeHours(batch));
      const { findings, incidents } = output;
      if (findings.length > 0) broadcast(null, () => ({ type: 'findings', seq, findings }));
      if (incidents.length > 0) broadcast(null, () => ({ type: 'incidents', seq, incidents }));
      publishWarnings(output.warnings ?? []);
      publishOrders(output);
      if (output.nowMs !== null) {
        nowMs = output.nowMs;
        broadcast(null, () => ({ type: 'tick', seq, nowMs: output.nowMs as number }));
      }
    },

    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (websocket) => {
        if (viewers.size >= options.viewersMax) {
          websocket.close(closePolicy, 'too-many-viewers');
          return;
        }
        const viewer: Viewer = { socket: websocket, kinds: new Set(['air']), behind: false };
        viewers.add(viewer);
        websocket.on('close', () => viewers.delete(viewer));
        websocket.on('error', () => websocket.terminate());
        websocket.on('message', (data, binary) => {
          const kinds = binary ? undefined : parseSubscribe(String(data));
          if (kinds === undefined) {
            websocket.close(closePolicy, 'allowed: {"type":"subscribe","kinds":[...]}');
            return;
          }
          viewer.kinds = kinds;
          websocket.send(JSON.stringify(snapshot(viewer)));
        });
        websocket.send(JSON.stringify(snapshot(viewer)));
      });
    },
    viewers: () => viewers.size,
    save: () => ({ latest: [...latest], hours: [...hours.values()], nowMs, warnings: [...warnings.values()] }),
    restore(state) {
      const saved = state as SavedLive;
      for (const [kind, state] of saved.latest) latest.set(kind, state);
      for (const hour of saved.hours) hours.set(`${hour.scope} ${hour.place}`, hour);
      for (const warning of saved.warnings) warnings.set(warning.id, warning);
      nowMs = saved.nowMs;
    },
    close() {
      for (const viewer of viewers) viewer.socket.terminate();
      server.close();
    },
  };
}

function flagColumns(batch: WindowBatch): Pick<LiveColumns, 'flags'> {
  const flags = catalog[batch.kind].metrics.flatMap(({ id }, m) => {
    const rows = Array.from(batch.metrics[m].flags).flatMap((mask, row) => (mask === 0 ? [] : [[row, flagsOf(mask)] as const]));
    return rows.length === 0 ? [] : [[id, Object.fromEntries(rows)] as const];
  });
  return flags.length === 0 ? {} : { flags: Object.fromEntries(flags) };
}

function isAccepted(bin: number): boolean {
  return bin === Bin.onTime || bin === Bin.lateRevised || bin === Bin.lateDiverted;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function cell(batch: Batch, metric: number, row: number, scale: number, resolution: number): number | null {
  if (batch.quality[metric][row] !== Quality.good) return null;
  const units = batch.values[metric][row];
  return resolution < 1 ? units / scale : units * resolution;
}

/** `{"type":"subscribe","kinds":["air",…]}`; undefined when it is anything else. */
function parseSubscribe(text: string): ReadonlySet<Kind> | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, kinds } = message as { type?: unknown; kinds?: unknown };
  if (type !== 'subscribe' || !Array.isArray(kinds) || !kinds.every(isKind)) return undefined;
  return new Set(kinds);
}
