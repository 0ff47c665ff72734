// The engine as a server: a run behind the ingest door, the HTTP API, the live feed and the viewer.

import { openRun, type Run, type RunOptions } from './app.ts';
import { wallClock } from './edge/clock.ts';
import { ingestServer } from './edge/ingest/ingestServer.ts';
import { runMetrics } from './edge/metrics.ts';
import { httpServer } from './edge/serve/httpServer.ts';
import { type LiveServer, liveServer } from './edge/serve/liveServer.ts';
import type { HealthAnswer } from './schema/live.ts';

export interface ServeOptions extends Omit<RunOptions, 'live' | 'failed'> {
  readonly host: string;
  readonly port: number;
  readonly viewerDir?: string;
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
  const ingest = ingestServer({ run, config, wall: wallClock, ended: async () => tellEnded(), failed: options.failed });
  const health = () => withOverload(run.health(), ingest.overload());
  const metrics = runMetrics(run.ledger.ledger, health);
  const http = await httpServer({
    host: options.host,
    port: options.port,
    viewerDir: options.viewerDir,
    history: run.history,
    register: () => options.register,
    health,
    ledger: run.ledger.ledger,
    watermarks: () => ({ ...run.watermarks(), heldFeeds: ingest.overload().heldBack }),
    flags: run.flags,
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

/** Feeds that wait are normal for seconds; shed ones are a reason to look. */
function withOverload(health: HealthAnswer, ingest: HealthAnswer['ingest'] & object): HealthAnswer {
  const why = ingest.shed.length === 0 ? [] : [`overload: rows are shed of ${ingest.shed.join(', ')}`];
  return { ...health, ingest, why: [...health.why, ...why] };
}
