// Writes points (or messages) to a mirror in order through a spool on disk: an outage of any length loses none and costs no memory.

import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Point, Sink, SinkError } from '../../pipeline/ports.ts';
import type { Disk } from '../disk.ts';
import { openCommits } from '../journal/commits.ts';
import { openJournal, readJournal } from '../journal/journal.ts';

export interface MirrorHealth {
  readonly name: string;
  readonly ok: boolean;
  /** Points. */
  readonly written: number;
  /** Points that wait in memory; the spool may hold more. */
  readonly queued: number;
  readonly spoolBytes: number;
  /** How long the oldest that waits has waited. */
  readonly oldestMs: number;
  /** Points that the server refused: in the dead-letter file. */
  readonly failed: number;
  readonly lastError?: string;
}

export interface Mirror<Item = Point> {
  /** Resolves when the points are in the spool: they survive a crash, but not yet a power cut. */
  offer(points: readonly Item[]): Promise<void>;
  /** Resolves when all points offered so far survive a power cut. */
  synced(): Promise<void>;
  health(): MirrorHealth;
  /** Resolves when everything offered is written or in the dead-letter file. */
  flushed(): Promise<void>;
  /** Writes what waits, for `closeWithinMs` at most; the rest stays in the spool for the next start. */
  close(): Promise<void>;
  /** Stops as a crash would, but lets go of its files: what waits stays in the spool. */
  abandon(): Promise<void>;
}

export interface MirrorOptions {
  /** Folder of the spool and of `dead-letter.ndjson`. */
  readonly dir: string;
  /** Points that wait in memory; more are read back from the spool. */
  readonly queueMax: number;
  /** Of the jitter of pauses. */
  readonly seed: number;
  readonly nowMs?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly closeWithinMs?: number;
  readonly disk?: Disk;
}

interface Batch<Item> {
  readonly atMs: number;
  readonly points: readonly Item[];
}

interface Queued<Item> extends Batch<Item> {
  /** Behind it in the spool. */
  readonly position: number;
}

const segmentBytes = 16 * 1024 * 1024;
/** Points written together while catching up. */
const pointsPerWrite = 5_000;
const pauseMinMs = 200;
const pauseMaxMs = 30_000;
/** For a write that is under way when the mirror is abandoned. */
const abandonWithinMs = 1_000;
/** Points written between two notes of how far the spool has been sent. */
const pointsPerNote = 20_000;

/** Goes on with what an earlier run left in the spool. */
export async function openMirror<Item = Point>(sink: Sink<Item>, options: MirrorOptions): Promise<Mirror<Item>> {
  const nowMs = options.nowMs ?? Date.now;
  const sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()));
  await mkdir(options.dir, { recursive: true });
  const spoolPath = join(options.dir, 'spool');
  const { journal: spool } = await openJournal({ path: spoolPath, segmentBytes, sync: 'none', disk: options.disk });
  const sentNotes = await openCommits({ path: join(options.dir, 'sent'), sync: 'none', disk: options.disk });
  let sent = Math.min(sentNotes.position, spool.position);
  let queue: Queued<Item>[] = [];
  let queuedPoints = 0;
  /** The spool holds more than the queue. */
  let isBehind = sent < spool.position;
  let isRunning = false;
  let isClosing = false;
  let written = 0;
  let failed = 0;
  let notedAt = 0;
  let isOk = true;
  let lastError: string | undefined;
  let oldestMs = Number.NaN;
  let attempts = 0;
  const waiters: (() => void)[] = [];

  async function offer(points: readonly Item[]): Promise<void> {
    if (points.length === 0) return;
    const batch = { atMs: nowMs(), points };
    const position = spool.append(serialize(batch));
    if (!isBehind && (queuedPoints === 0 || queuedPoints + points.length <= options.queueMax)) {
      queue.push({ ...batch, position });
      queuedPoints += points.length;
    } else isBehind = true;
    if (!isRunning) void run();
    await spool.until(position).catch(spoolFailed);
  }

  /** Without its disk the mirror goes on from memory as far as it can, and says so. */
  function spoolFailed(error: Error): void {
    isOk = false;
    lastError = error.message;
  }

  async function run(): Promise<void> {
    isRunning = true;
    try {
      while (!isClosing && (queue.length > 0 || isBehind)) {
        if (queue.length > 0) await sendQueue();
        else await catchUp();
        if (queue.length === 0 && !isBehind) await note(); // meanwhile more may have come
      }
    } catch (error) {
      spoolFailed(error as Error);
    }
    isRunning = false;
    for (const waiter of waiters.splice(0)) waiter();
  }

  async function sendQueue(): Promise<void> {
    const batches = queue;
    queue = [];
    queuedPoints = 0;
    await send(batches);
  }

  /** From the spool, until it is empty. */
  async function catchUp(): Promise<void> {
    await spool.until(spool.position);
    let group: Queued<Item>[] = [];
    let points = 0;
    for await (const { bytes, position } of readJournal(spoolPath, sent)) {
      const batch = { ...(deserialize(bytes) as Batch<Item>), position };
      group.push(batch);
      points += batch.points.length;
      if (points < pointsPerWrite) continue;
      await send(group);
      if (isClosing) return;
      group = [];
      points = 0;
    }
    if (group.length > 0) await send(group);
    if (sent === spool.position) isBehind = false;
  }

  /** Tries until the server has taken or refused every point, or the mirror closes. */
  async function send(batches: readonly Queued<Item>[]): Promise<void> {
    oldestMs = batches[0].atMs;
    const points = batches.flatMap((batch) => batch.points);
    await sendPoints(points);
    if (isClosing && !isOk) return;
    sent = batches[batches.length - 1].position;
    oldestMs = Number.NaN;
    if (written + failed - notedAt >= pointsPerNote) await note();
  }

  async function sendPoints(points: readonly Item[]): Promise<void> {
    for (;;) {
      try {
        await sink.write(points);
        written += points.length;
        attempts = 0;
        isOk = true;
        return;
      } catch (error) {
        const { code, retryAfterMs, message } = error as SinkError;
        lastError = message;
        if (code === 'refused') return refused(points, message);
        isOk = false;
        if (isClosing) return;
        await sleep(Math.max(pauseMs(), Math.min(retryAfterMs ?? 0, pauseMaxMs)));
      }
    }
  }

  /** One bad point makes a server refuse all that came with it: halves are tried until it is alone. */
  async function refused(points: readonly Item[], words: string): Promise<void> {
    if (points.length > 1) {
      const middle = points.length >> 1;
      await sendPoints(points.slice(0, middle));
      await sendPoints(points.slice(middle));
      return;
    }
    failed += 1;
    const file = join(options.dir, 'dead-letter.ndjson');
    const line = `${JSON.stringify({ atMs: nowMs(), words, point: points[0] })}\n`;
    const work = () => appendFile(file, line); // at worst half a line more
    await (options.disk === undefined ? work() : options.disk.keepTrying(file, work));
  }

  /** Doubles up to half a minute, spread from half to one and a half, so that mirrors do not come back together. */
  function pauseMs(): number {
    const pause = Math.min(pauseMaxMs / 1.5, pauseMinMs * 2 ** Math.min(attempts, 20));
    attempts += 1;
    return pause * (0.5 + spread(options.seed + attempts));
  }

  async function note(): Promise<void> {
    notedAt = written + failed;
    await sentNotes.record(sent, []);
    await sentNotes.compact();
    await spool.dropBefore(sent);
  }

  const flushed = () => (isRunning ? new Promise<void>((resolve) => waiters.push(resolve)) : Promise.resolve());
  if (isBehind) void run();

  return {
    offer,
    synced: () => spool.sync().catch(spoolFailed),
    health: () => ({
      name: sink.name,
      ok: isOk,
      written,
      queued: queuedPoints,
      spoolBytes: spool.position - sent,
      oldestMs: Number.isNaN(oldestMs) ? 0 : nowMs() - oldestMs,
      failed,
      lastError,
    }),
    flushed,
    async abandon() {
      isClosing = true;
      const limit = new Promise<void>((resolve) => setTimeout(resolve, abandonWithinMs).unref());
      await Promise.race([flushed(), limit]);
      await sentNotes.close().catch(() => {});
      await spool.close().catch(() => {});
    },
    async close() {
      const limit = new Promise<void>((resolve) => setTimeout(resolve, isOk ? (options.closeWithinMs ?? 10_000) : 0).unref());
      await Promise.race([flushed(), limit]);
      isClosing = true;
      await spool.until(spool.position).catch(() => {});
      await sentNotes.record(sent, []).catch(() => {});
      await sentNotes.close();
      await spool.close().catch(() => {});
      await sink.close();
    },
  };
}

/** In [0, 1), from a whole number (murmur3 finalizer). */
function spread(number: number): number {
  let hash = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4294967296;
}
