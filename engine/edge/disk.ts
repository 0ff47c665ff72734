// A full disk as a state: what has to be written is tried again until there is room; meanwhile whoever waits for it waits.

export interface Disk {
  /** Files that wait for room; empty = all is well. */
  readonly full: readonly string[];
  /** Does the work again while the disk is full. The work must leave nothing half-done behind. Other failures pass. */
  keepTrying<T>(path: string, work: () => Promise<T>): Promise<T>;
  /** Nobody waits any longer: the next full disk is a failure. */
  stop(): void;
}

export interface DiskOptions {
  /** Told when another file has to wait, and when all is well again. */
  readonly notice?: (text: string) => void;
  readonly sleep?: (ms: number) => Promise<void>;
}

const pauseMs = 1_000;

/** By error code; DuckDB only says it in words. */
export function isDiskFull(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT' || /no space left on device|disk quota exceeded/i.test(String(message));
}

export function diskWatch({ notice = () => {}, sleep = wait }: DiskOptions = {}): Disk {
  /** Paths that wait for room. */
  const waiting = new Map<string, number>();
  let isStopped = false;

  async function room(path: string): Promise<void> {
    waiting.set(path, (waiting.get(path) ?? 0) + 1);
    if (waiting.get(path) === 1) notice(fullText([...waiting.keys()]));
    await sleep(pauseMs);
  }

  function done(path: string, tries: number): void {
    if (tries === 0) return;
    const left = (waiting.get(path) ?? 0) - tries;
    if (left > 0) waiting.set(path, left);
    else waiting.delete(path);
    if (waiting.size === 0) notice('there is room on the disk again');
  }

  return {
    get full() {
      return [...waiting.keys()];
    },
    async keepTrying(path, work) {
      for (let tries = 0; ; tries++) {
        try {
          const result = await work();
          done(path, tries);
          return result;
        } catch (error) {
          if (isStopped || !isDiskFull(error)) {
            done(path, tries);
            throw error;
          }
          await room(path);
        }
      }
    },
    stop() {
      isStopped = true;
    },
  };
}

/** What an operator has to know while these files wait. */
export function fullText(paths: readonly string[]): string {
  return `the disk of ${paths.join(', ')} is full: feeds wait, nothing acknowledged is lost. Make room; it goes on by itself`;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
