// `npm test`: makes the real servers available where it can, runs everything, says plainly what it skipped.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverPrograms } from './harness/serverPrograms.js';

const root = fileURLToPath(new URL('..', import.meta.url));

const found = (programs) => programs.some((program) => existsSync(program));
const missing = () => Object.entries(serverPrograms).filter(([, { programs }]) => !found(programs));

function install() {
  const packages = missing().flatMap(([, server]) => server.packages);
  if (packages.length === 0 || process.getuid?.() !== 0 || process.platform !== 'linux') return;
  console.log(`installing ${packages.join(', ')} with apt …`);
  const options = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  spawnSync('apt-get', ['update', '-q'], options);
  spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], options);
}

install();
const folder = mkdtempSync(join(tmpdir(), 'lantian-test-'));
const report = join(folder, 'report.json');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const run = spawnSync(
  process.execPath,
  [
    vitest,
    'run',
    '--config',
    join(root, 'test/vitest.config.ts'),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);

let failed = run.status !== 0;
let line = '0 passed, 1 failed';
try {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  line = `${numPassedTests} passed, ${numFailedTests + brokenFiles} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`;
  if (numPassedTests === 0) failed = true;
} catch {
  failed = true; // the runner ended before it could report
}
rmSync(folder, { recursive: true, force: true });

for (const [name, { packages }] of missing()) {
  console.log(`SKIPPED: what needs ${name} (install the Debian package ${packages.join(', ')}, or run as root)`);
  if (process.env.CI === 'true') failed = true;
}
if (!existsSync(join(root, '..', 'shared', 'data')))
  console.log('SKIPPED: what needs the real data sets (the folder ../shared/data is absent)');
console.log(line);
process.exitCode = failed ? 1 : 0;
