// The rule tests that ship, by name.

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('tests/', import.meta.url);

export function exampleTests(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** A file, or the name of one that ships. */
export function exampleTestFile(name: string): string {
  return /[./\\]/.test(name) ? name : fileURLToPath(new URL(`${encodeURIComponent(name)}.yaml`, folder));
}
