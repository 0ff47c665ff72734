// Watches a text file for another content, by reading it now and then: editors replace files, and some file systems tell nobody.

import { readFile } from 'node:fs/promises';

export interface TextWatch {
  /** Reads now; `changed` has been called when it resolves. */
  poll(): Promise<void>;
  stop(): void;
}

export interface TextWatchOptions {
  readonly file: string;
  /** What is known already. */
  readonly text: string;
  readonly everyMs: number;
  /** The new content. Only when it was the same twice, so that half a file is not taken for all of it. */
  readonly changed: (text: string) => void;
  /** Once, until it can be read again. */
  readonly unreadable: (error: Error) => void;
}

export function watchText({ file, text, everyMs, changed, unreadable }: TextWatchOptions): TextWatch {
  let known = text;
  let before = text;
  let isReadable = true;

  async function poll(): Promise<void> {
    let now: string;
    try {
      now = await readFile(file, 'utf8');
    } catch (error) {
      if (isReadable) unreadable(error as Error);
      isReadable = false;
      return;
    }
    isReadable = true;
    const isSettled = now === before;
    before = now;
    if (!isSettled || now === known) return;
    known = now;
    changed(now);
  }

  const timer = setInterval(() => void poll(), everyMs);
  timer.unref();
  return { poll, stop: () => clearInterval(timer) };
}
