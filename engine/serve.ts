// The engine as a server: a run behind the ingest door, the HTTP API, the live feed and the viewer.

import { openRun } from './app.ts';
import { type WallClock, wallClock } from './edge/clock.ts';
import { type IngestServer, ingestServer } from './edge/ingest/ingestServer.ts';
import { runMetrics } from './edge/metrics.ts';
import { accessBy } from './edge/serve/access.ts';
import { httpServer } from './edge/serve/httpServer.ts';
import { type LiveServer, liveServer } from './edge/serve/liveServer.ts';
import { noUsers, type Users } from './edge/serve/users.ts';
import { registerNames } from './registerNames.ts';
import type { Run, RunOptions } from './run.ts';
import type { HealthAnswer } from './schema/live.ts';
import { ruleIds } from './stages/correlate/ruleCatalog.ts';

export interface ServeOptions extends Omit<RunOptions, 'live' | 'failed'> {
  readonly host: string;
  readonly port: number;
  readonly viewerDir?: string;
  /** Accounts; absent: none. */
  readonly users?: Users;
  /** Instead of the machine's clock. */
  readonly wall?: WallClock;
  readonly failed: (error: Error) => void;
}

export interface Serving {
  readonly url: string;
  readonly run: Run;
  /** Resolves when the feed clock's client has said that its feed ended. */
  readonly ended: Promise<void>;
  close(summary?: Readonly<Record<string, unknown>>): Promise<void>;
}

const loopback = new Set(['127.0.0.1', 'localhost', '::1']);

/** Rejects with what to change when it may not or cannot listen. */
export async function serve(options: ServeOptions): Promise<Serving> {
  if (!loopback.has(options.host)) {
    throw new Error(
      `--host is ${options.host}: only loopback (127.0.0.1, ::1) is allowed until users can be configured; put a reverse proxy with authentication in front`,
    );
  }
  const { config } = options;
  if (config.warningAutoSign === 'on' && config.clock === 'wall')
    throw new Error('warningAutoSign is on: that is for drills, on the feed clock; in the real city people sign');
  let live: LiveServer | undefined;
  const run = await openRun({
    ...options,
    live(names) {
      live = liveServer({
        names,
        clock: config.clock,
        viewersMax: config.viewersMax,
        viewerBytesMax: config.viewerBytesMax,
      });
      return live;
    },
  });
  if (live === undefined || run.history === undefined) throw new Error('BUG: a server needs a history and a live feed');
  const viewers: LiveServer = live;

  let tellEnded: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    tellEnded = resolve;
  });
  const ingest = ingestServer({
    run,
    config,
    wall: options.wall ?? wallClock,
    ended: async () => tellEnded(),
    failed: options.failed,
  });
  const health = () => withIngest(run.health(), ingest);
  const ledger = () => ({ ...run.ledger.ledger(), outOfTurn: ingest.outOfTurn() });
  const watermarks = () => ({ ...run.watermarks(ingest.heldFeeds()), heldFeeds: ingest.overload().heldBack });
  const access = accessBy(options.users ?? noUsers);
  const metrics = runMetrics({ ledger, health, watermarks, feeds: ingest.feeds });
  const http = await httpServer({
    host: options.host,
    port: options.port,
    viewerDir: options.viewerDir,
    history: run.history,
    register: () => options.register,
    health,
    ledger,
    watermarks,
    flags: run.flags,
    incidents: {
      board: run.board,
      history: run.history,
      rules: ruleIds,
      districts: () => options.register.districts.map(({ code }) => code),
      names: registerNames(options.register),
      access,
      act: (command) => run.push({ type: 'command', command }),
    },
    emergency: {
      board: run.emergency,
      history: run.history,
      access,
      signers: { blue: config.signBlue, yellow: config.signYellow, orange: config.signOrange, red: config.signRed },
      register: () => options.register,
      act: (command) => run.push({ type: 'command', command }),
    },
    metrics: metrics.read,
    doors: { '/ingest': ingest.upgrade, '/live': viewers.upgrade },
  });
  return {
    url: http.url,
    run,
    ended,
    async close(summary = {}) {
      await ingest.close();
      viewers.close();
      await http.close();
      await run.finish(summary);
    },
  };
}

/** Feeds that wait, and a clock that waits with them, are normal for seconds; the rest is a reason to look. */
function withIngest(health: HealthAnswer, ingest: Pick<IngestServer, 'overload' | 'time'>): HealthAnswer {
  const [overload, time] = [ingest.overload(), ingest.time()];
  const why = [
    ...(overload.shed.length === 0 ? [] : [`overload: rows are shed of ${overload.shed.join(', ')}`]),
    ...(time.behindMs < shownMs ? [] : [behindText(time.behindMs)]),
    ...(time.backMs === 0 ? [] : [backText(time.backMs)]),
  ];
  return { ...health, ingest: overload, time, why: [...health.why, ...why] };
}

const shownMs = 60_000;

function behindText(ms: number): string {
  return `the run's clock is ${spanText(ms)} behind the present: it waits for feeds that we hold back or that come back after a restart, and catches up by itself`;
}

function backText(ms: number): string {
  return `the machine's clock went back by ${spanText(ms)}: the run's clock never does, and goes on from where it was; rows of now count as late by as much. Set the machine's clock; if it is right now and was ahead before, start a new run in another folder (--data or --out)`;
}

function spanText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes === 0) return `${Math.round(ms / 1000)} s`;
  return minutes < 120 ? `${minutes} min` : `${Number((minutes / 60).toFixed(1))} h`;
}
