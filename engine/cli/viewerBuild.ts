// Builds the viewer when it is missing or older than its sources.

import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folder of the built viewer. */
export async function builtViewer(): Promise<string> {
  const folder = join(root, '.lantian', 'viewer');
  const page = join(folder, 'index.html');
  const newest = Math.max(
    ...(await Promise.all(['viewer', 'engine/schema', 'engine/domain'].map((part) => newestMs(join(root, part))))),
  );
  if (existsSync(page) && (await stat(page)).mtimeMs >= newest) return folder;
  process.stderr.write('building the viewer …\n');
  const { build } = await import('vite');
  await build({ configFile: join(root, 'viewer', 'vite.config.ts'), logLevel: 'warn' });
  return folder;
}

async function newestMs(folder: string): Promise<number> {
  let newest = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) newest = Math.max(newest, (await stat(join(entry.parentPath, entry.name))).mtimeMs);
  }
  return newest;
}
