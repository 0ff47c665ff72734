// The rules that types cannot check: import arrows, purity, cycles, dead files, the top level. Each rule is shown to fail.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
type Files = ReadonlyMap<string, string>;

/** Folder -> what it may import: folders of ours, and packages. The longest matching folder counts (design section 4). */
const arrows: Readonly<Record<string, { readonly own: readonly string[]; readonly packages: readonly string[] }>> = {
  'engine/schema': { own: ['engine/schema'], packages: [] },
  'engine/domain': { own: ['engine/domain', 'engine/schema'], packages: [] },
  'engine/wire': { own: ['engine/wire', 'engine/schema'], packages: [] },
  'engine/stages': { own: ['engine/schema', 'engine/domain'], packages: [] },
  'engine/pipeline': { own: ['engine/pipeline', 'engine/schema', 'engine/domain', 'engine/stages'], packages: ['rxjs'] },
  'engine/edge': {
    own: ['engine/edge', 'engine/schema', 'engine/domain', 'engine/wire', 'engine/pipeline/ports.ts'],
    packages: [
      'ws',
      'fastify',
      '@fastify/',
      'typebox',
      '@duckdb/node-api',
      'influx',
      '@influxdata/influxdb-client',
      'pino',
      'prom-client',
      'msgpackr', // of the journal
      'csv-parse', // lists of plans from Excel
      'node:',
    ],
  },
  engine: { own: ['engine'], packages: ['node:', 'yaml'] },
  'engine/cli': { own: ['engine', 'simulator'], packages: ['commander', 'node:', 'vite', 'tsx'] },
  'simulator/world': { own: ['simulator/world', 'engine/schema', 'engine/domain'], packages: [] },
  simulator: {
    own: ['simulator', 'engine/schema', 'engine/domain', 'engine/wire'],
    packages: ['ws', 'yaml', 'csv-parse', 'node:'],
  },
  'simulator/lab': { own: ['simulator', 'engine'], packages: ['node:'] },
  'viewer/model': { own: ['viewer/model', 'engine/schema', 'engine/domain'], packages: [] },
  viewer: {
    own: ['viewer', 'engine/schema', 'engine/domain', 'engine/wire'],
    packages: ['uplot', 'leaflet', 'preact', '@preact/signals'],
  },
};
const stages = /^engine\/stages\/([^/]+)\//;
const entries = /^(engine\/cli\/(main|lantian)\.[tj]s|viewer\/(main\.tsx|vite\.config\.ts)|test\/.*)$/;
const topLevel = [
  'engine',
  'simulator',
  'viewer',
  'test',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'biome.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
];
const pure = /^(engine\/(schema|domain|stages)|simulator\/world|viewer\/model)\//;
const timeless = /^(engine\/pipeline\/|engine\/app\.ts)/;

const isCode = (file: string) => /\.(ts|tsx|js)$/.test(file) && !file.endsWith('.d.ts');

/** Comments and texts blanked out, so that a rule does not trip over prose. */
function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

function importsOf(text: string): string[] {
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  return [
    ...plain.matchAll(
      /(?:^|[;\n])\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|(?:^|[^.\w-])import\s*\(?\s*['"]([^'"]+)['"]/g,
    ),
  ].map((match) => match[1] ?? match[2]);
}

const resolved = (file: string, specifier: string) => normalize(join(dirname(file), specifier));

function ruleOf(file: string) {
  const folder = Object.keys(arrows)
    .filter((each) => file.startsWith(`${each}/`))
    .sort((a, b) => b.length - a.length)[0];
  return folder === undefined ? undefined : arrows[folder];
}

function wrongArrows(files: Files): string[] {
  const wrong: string[] = [];
  for (const [file, text] of files) {
    const rule = ruleOf(file);
    if (rule === undefined || !isCode(file) || file === 'viewer/vite.config.ts') continue;
    for (const specifier of importsOf(text)) {
      if (!specifier.startsWith('.')) {
        if (
          !rule.packages.some(
            (name) => specifier === name || specifier.startsWith(name.endsWith('/') || name.endsWith(':') ? name : `${name}/`),
          )
        )
          wrong.push(`${file} may not import the package ${specifier}`);
        continue;
      }
      const target = resolved(file, specifier);
      const stage = stages.exec(file)?.[1];
      const isOwnStage = stage !== undefined && stages.exec(target)?.[1] === stage;
      const isStyle = /\.css$/.test(target);
      if (!isOwnStage && !isStyle && !rule.own.some((folder) => target === folder || target.startsWith(`${folder}/`)))
        wrong.push(`${file} may not import ${target}`);
      // The engine's own files take the simulator only at the top, in cli.
    }
  }
  return wrong;
}

/** Only the live run reaches outside: a replay, a drill or a what-if has no mirrors, by construction. */
function outward(files: Files): string[] {
  const live = ['engine/edge/outputs.ts', 'engine/cli/verbs/serve.ts'];
  return [...files]
    .filter(([file, text]) => /^(engine|simulator)\//.test(file) && isCode(file) && !live.includes(file) && sendsOut(text))
    .map(([file]) => `${file} gives a run mirrors; only ${live[1]} may`);
}

function sendsOut(text: string): boolean {
  return /\bmirrors\b(?!: \[\])/.test(code(text));
}

function impure(files: Files): string[] {
  const wrong: string[] = [];
  for (const [file, text] of files) {
    if (!isCode(file)) continue;
    const found = (pattern: RegExp) => pattern.exec(code(text))?.[0];
    const banned = pure.test(file)
      ? found(/Date\.now|Math\.random|Math\.pow|\*\*|new Date\(\)|setTimeout|setInterval|performance\./)
      : timeless.test(file)
        ? found(/Date\.now|Math\.random|Math\.pow|new Date\(\)|setTimeout|setInterval|performance\./)
        : undefined;
    if (banned !== undefined) wrong.push(`${file} uses ${banned}: time and chance are inputs, powers are domain/pow.ts`);
  }
  return wrong;
}

function cycles(files: Files): string[] {
  const wrong: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      wrong.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const specifier of importsOf(files.get(file) ?? ''))
      if (specifier.startsWith('.') && files.has(resolved(file, specifier))) visit(resolved(file, specifier), [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files.keys()) visit(file, []);
  return wrong;
}

function unused(files: Files): string[] {
  const imported = new Set(
    [...files].flatMap(([file, text]) =>
      importsOf(text)
        .filter((each) => each.startsWith('.'))
        .map((each) => resolved(file, each)),
    ),
  );
  return [...files.keys()]
    .filter((file) => isCode(file) && !entries.test(file) && !imported.has(file))
    .map((file) => `${file} is imported by nobody`);
}

function strayTop(files: Files): string[] {
  const names = new Set([...files.keys()].map((file) => file.split('/')[0]));
  return [...names]
    .filter((name) => !name.startsWith('.') && !topLevel.includes(name))
    .map((name) => `${name} does not belong at the top level`);
}

const machinePath = new RegExp(['(?<![\\w.])/', 'work/'].join(''));
const focused = new RegExp(['\\b(test|it|describe)\\.', 'only\\('].join(''));
function forbiddenText(files: Files): string[] {
  const wrong: string[] = [];
  for (const [file, text] of files) {
    if (machinePath.test(text)) wrong.push(`${file} names a path of one machine`);
    if (focused.test(text)) wrong.push(`${file} runs only some of its tests`);
  }
  return wrong;
}

const rules = { wrongArrows, impure, outward, cycles, unused, strayTop, forbiddenText };

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
const tree: Files = new Map(
  listed
    .split('\n')
    .filter((file) => file !== '' && file !== 'package-lock.json')
    .flatMap((file) => {
      try {
        return [[file, readFileSync(join(root, file), 'utf8')] as const];
      } catch {
        return []; // deleted and not yet committed
      }
    }),
);

describe('the tree', () => {
  test.each(Object.entries(rules))('%s', (_, rule) => {
    expect(rule(tree)).toEqual([]);
  });
});

describe('each rule finds what it is for', () => {
  test.each([
    ['wrongArrows', [['engine/domain/x.ts', "import { a } from '../edge/clock.ts';"]]],
    ['wrongArrows', [['engine/stages/air/x.ts', "import type { a } from '../window/window.ts';"]]],
    ['wrongArrows', [['engine/edge/x.ts', "import { map } from 'rxjs';"]]],
    ['wrongArrows', [['engine/edge/x.ts', "export * from '../pipeline/pipeline.ts';"]]],
    ['wrongArrows', [['simulator/x.ts', "const a = await import('../engine/app.ts');"]]],
    ['outward', [['simulator/lab/x.ts', 'openRun({ mirrors: [sink] })']]],
    ['impure', [['engine/stages/air/x.ts', 'const a = Date.now();']]],
    ['impure', [['simulator/world/x.ts', 'const a = b ** 2;']]],
    ['impure', [['engine/pipeline/x.ts', 'setTimeout(f, 1);']]],
    [
      'cycles',
      [
        ['engine/a.ts', "import './b.ts';"],
        ['engine/b.ts', "import './a.ts';"],
      ],
    ],
    ['unused', [['engine/domain/x.ts', 'export const a = 1;']]],
    ['strayTop', [['docs/x.md', '']]],
    ['forbiddenText', [['README.md', ['see /', 'work/x'].join('')]]],
    ['forbiddenText', [['test/x.test.ts', ['test.', 'only(1)'].join('')]]],
  ] as const)('%s: %j', (rule, files) => {
    expect(rules[rule](new Map(files))).toHaveLength(1);
  });
});
