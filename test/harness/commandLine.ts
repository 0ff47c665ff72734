// The command line in this process: what it prints, and its exit code.

import { vi } from 'vitest';
import { main } from '../../engine/cli/main.ts';

export async function lantian(...args: readonly string[]) {
  let [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
  try {
    await main(args);
    return { out, err, code: process.exitCode ?? 0 };
  } finally {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  }
}
