// Starts the real servers on free loopback ports, and stops them by their own process id.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { describe, it } from 'vitest';
import { serverPrograms } from './serverPrograms.js';

export type ServerName = keyof typeof serverPrograms;

export interface RealServer {
  readonly url: string;
  stop(): Promise<void>;
}

function program(name: ServerName): string | undefined {
  return serverPrograms[name].programs.find((each) => existsSync(each));
}

/** Without it a test may leave something out; a suite that is about it is skipped by `describeWith`. */
export const hasServer = (name: ServerName): boolean => program(name) !== undefined;

/** A suite that needs a real server: skipped with the reason where it is missing, failed on CI. */
export function describeWith(name: ServerName, title: string, suite: () => void): void {
  if (program(name) !== undefined) {
    describe(title, suite);
  } else if (process.env.CI === 'true') {
    it(`${title}: needs ${name}`, () => {
      throw new Error(`${name} is missing on CI: ${serverPrograms[name].packages.join(', ')}`);
    });
  } else {
    describe.skip(`${title} (needs ${name}: Debian package ${serverPrograms[name].packages[0]})`, suite);
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const readyWithinMs = 30_000;

async function started(name: ServerName, args: readonly string[], health: string, url: string): Promise<RealServer> {
  const child: ChildProcess = spawn(program(name) as string, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (data: unknown) => {
    output = (output + String(data)).slice(-4_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const untilMs = performance.now() + readyWithinMs;
  while (!(await isHealthy(health))) {
    if (child.exitCode !== null || performance.now() > untilMs) throw new Error(`${name} did not start:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return {
    url,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function stopped(server: RealServer, folder: string): Promise<void> {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** InfluxDB 1.x. `pause` ends its process, `resume` starts it again with its data. */
export async function startInflux1(): Promise<RealServer & { pause(): Promise<void>; resume(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'lantian-influxd-'));
  const [port, rpc] = [await freePort(), await freePort()];
  const config = join(folder, 'influxdb.conf');
  await writeFile(
    config,
    [
      'reporting-disabled = true',
      `bind-address = "127.0.0.1:${rpc}"`,
      `[meta]\ndir = "${folder}/meta"`,
      `[data]\ndir = "${folder}/data"\nwal-dir = "${folder}/wal"`,
      `[http]\nbind-address = "127.0.0.1:${port}"\nlog-enabled = false`,
    ].join('\n'),
  );
  const url = `http://127.0.0.1:${port}`;
  const start = () => started('influxd', ['-config', config], `${url}/ping`, url);
  let server = await start();
  return {
    url,
    pause: () => server.stop(),
    async resume() {
      server = await start();
    },
    stop: () => stopped(server, folder),
  };
}

/** VictoriaMetrics, for the v2 write API. */
export async function startVictoria(): Promise<RealServer> {
  const folder = await mkdtemp(join(tmpdir(), 'lantian-victoria-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${folder}`, '-retentionPeriod=100y'];
  const server = await started('victoria', args, `${url}/health`, url);
  return { url, stop: () => stopped(server, folder) };
}

/** Debian's Chromium, without any connection of its own. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: program('chromium'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
