// One run of an episode: the engine behind its door, the gateway in front of it, and the crashes in between.

import { cpSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { storePath } from '../../../engine/app.ts';
import { configFrom } from '../../../engine/config.ts';
import { wallClock } from '../../../engine/edge/clock.ts';
import { type IngestServer, ingestServer } from '../../../engine/edge/ingest/ingestServer.ts';
import { openMirror } from '../../../engine/edge/store/mirror.ts';
import type { SourceNames } from '../../../engine/pipeline/ports.ts';
import type { LiveEdge, Run } from '../../../engine/run.ts';
import { catalog } from '../../../engine/schema/catalog.ts';
import type { Register } from '../../../engine/schema/register.ts';
import { streamOf, uniform } from '../../../simulator/world/random.ts';
import { openTestRun } from '../../harness/engine.ts';
import { type Crash, type Drawn, hourMs } from './draw.ts';
import { type Gateway, gateway, type Watch, type Way } from './gateway.ts';
import { doorway } from './link.ts';
import { type Database, database } from './mirror.ts';
import type { Tick } from './world.ts';

/** An hour window as it last went out. */
export interface LiveHour {
  readonly revision: number;
  readonly captureMs: number;
  readonly metrics: Readonly<
    Record<string, { readonly count: number; readonly mean: number; readonly min: number; readonly max: number }>
  >;
}

export interface RunResult {
  /** Folder of the last life. */
  readonly out: string;
  readonly hours: ReadonlyMap<string, LiveHour>;
  readonly points: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
  readonly happened: Gateway['happened'] & { readonly crashes: number };
}

interface Life {
  readonly out: string;
  readonly run: Run;
  readonly door: IngestServer;
  readonly server: Server;
  /** Nothing of it shows from now on. */
  kill(): void;
}

export interface Episode {
  readonly drawn: Drawn;
  readonly register: Register;
  readonly ticks: readonly Tick[];
}

export async function runEpisode(
  { drawn, register, ticks }: Episode,
  dir: string,
  way: Way,
  crashes: readonly Crash[],
): Promise<RunResult> {
  const problems: string[] = [];
  const hours = new Map<string, LiveHour>();
  const mirrored = database(drawn);
  const graves: Promise<void>[] = [];
  const due = [...crashes];
  let life = await open(join(dir, '0'));
  const sender = gateway(ticks, drawn.feeds, way, life.server);

  async function open(out: string): Promise<Life> {
    const { sink, sleep, kill } = mirrored.sink();
    let isDead = false;
    const failed = (error: Error) => {
      if (!isDead) problems.push(`the engine failed: ${error.stack}`);
    };
    const config = configFrom({
      clock: 'feed',
      edition: drawn.edition,
      checkpointBytes: drawn.checkpointBytes,
      checkpointTimes: 0,
      rawKeepMs: 100 * 24 * hourMs,
      spike: drawn.spike,
      warmUp: drawn.warmUp,
    });
    const run = await openTestRun({
      config,
      register,
      out,
      recording: { path: join(out, 'input.journal'), isDurable: true },
      store: drawn.withDuckdb ? { duckdb: storePath(out) } : 'none',
      mirrors: drawn.mirror === undefined ? [] : [sink],
      spoolDir: join(out, 'mirrors'),
      sleep,
      live: (names) => lastHours(names, hours),
      failed,
    });
    const door = ingestServer({ run, config, wall: wallClock, pings: () => () => {}, ended: async () => {}, failed });
    return {
      out,
      run,
      door,
      server: doorway(door),
      kill() {
        isDead = true;
        kill();
      },
    };
  }

  /** The disk as it is at this moment, writes under way and all, is what the next life finds. */
  async function crash(): Promise<void> {
    const old = life;
    const out = join(dir, String(Number(old.out.slice(dir.length + 1)) + 1));
    old.kill();
    sender.cut();
    if (drawn.withDuckdb) await old.run.abandon(); // its files are not whole between two of its own writes
    cpSync(old.out, out, { recursive: true });
    if (!drawn.withDuckdb) graves.push(old.run.abandon().catch(() => {}));
    graves.push(old.door.close().catch(() => {}));
    life = await open(out);
    sender.moveTo(life.server);
  }

  async function turns(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await turn();
  }

  /** True: it has crashed. */
  async function crashesAt(tick: number, phase: Crash['phase'], share = 1): Promise<boolean> {
    const at = due[0];
    if (at === undefined || at.tick !== tick || at.phase !== phase || share < at.share) return false;
    due.shift();
    await turns(at.turns);
    await crash();
    return true;
  }

  for (let tick = 0; tick < ticks.length; tick++) {
    let isCrashed = false;
    const watch: Watch = {
      async sent(share) {
        isCrashed ||= await crashesAt(tick, 'rows', share);
        return isCrashed;
      },
      async ticked() {
        isCrashed ||= await crashesAt(tick, 'tick');
        return isCrashed;
      },
    };
    await sender.exchange(tick, watch);
    mirrored.beat();
    if (!isCrashed) isCrashed = await crashesAt(tick, 'done');
    // `done` does not say that an empty tick is durable: all that may be gone come again.
    if (isCrashed) tick = sender.durableTick;
    // The disk has time only when somebody waits: sometimes it keeps up, sometimes much is not written at the crash.
    else if (uniform(drawn.seed, streamOf('disk'), tick) < drawn.diskShare) {
      await life.run.written();
      await turn();
    }
  }
  sender.calm();
  mirrored.calm();
  await sender.end();
  await life.door.close();
  await life.run.finish({});
  await Promise.all(graves);
  if (drawn.mirror !== undefined) await drain(mirrored, join(life.out, 'mirrors', 'vopr'));
  life.server.closeAllConnections();
  return {
    out: life.out,
    hours,
    points: mirrored.points,
    problems: [...problems, ...sender.problems, ...mirrored.problems],
    happened: { ...sender.happened, crashes: crashes.length - due.length },
  };
}

/** What a mirror had not taken when the run ended waits in its spool, for the next start. */
async function drain(mirrored: Database, dir: string): Promise<void> {
  const { sink, sleep } = mirrored.sink();
  const left = await openMirror(sink, { dir, queueMax: 1_000, seed: 1, sleep });
  await left.flushed();
  await left.close();
}

function lastHours(names: SourceNames, hours: Map<string, LiveHour>): LiveEdge {
  return {
    publish({ windows }) {
      for (const { kind, size, rows, source, startMs, revision, captureMs, metrics } of windows) {
        if (size !== '1h') continue;
        for (let row = 0; row < rows; row++) {
          const own = metrics.map(({ count, mean, min, max }, m) => [
            catalog[kind].metrics[m].id,
            { count: count[row], mean: mean[row], min: min[row], max: max[row] },
          ]);
          const hour = {
            revision: revision[row],
            captureMs: captureMs[row],
            metrics: Object.fromEntries(own.filter(([, each]) => (each as { count: number }).count > 0)),
          };
          hours.set(`${kind} ${names.id(kind, source[row])} ${startMs[row]}`, hour);
        }
      }
    },
    save: () => null,
    restore() {},
  };
}
