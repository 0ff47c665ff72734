// One suite, fast parts first: pure code, then contracts with real servers, then the browser.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const order = [
  '/test/engine/',
  '/test/simulator/',
  '/test/viewer/',
  '/test/',
  '/test/contract/',
  '/test/simulation/',
  '/test/e2e/',
];

/** Position of a file's folder in the order; the longest match counts. */
function rank(spec: TestSpecification): number {
  const matches = order.filter((part) => spec.moduleId.includes(part)).sort((a, b) => b.length - a.length);
  return order.indexOf(matches[0] ?? '/test/');
}

class FastFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    sequence: { sequencer: FastFirst },
  },
});
