// Failures of a mirror, told apart by whether another try is worth it.

import type { SinkError } from '../../pipeline/ports.ts';

/**
 * 400, 413 and 422 are about the points: the server will never take them. Everything else may pass, also a wrong
 * token or a missing database, which somebody can mend.
 */
export function sinkError(name: string, error: unknown): SinkError {
  const cause = error as {
    message?: string;
    statusCode?: number;
    res?: { statusCode?: number; headers?: Record<string, string> };
    headers?: Record<string, string>;
    body?: string;
  };
  const status = cause.statusCode ?? cause.res?.statusCode;
  const isRefused = status === 400 || status === 413 || status === 422;
  const words = (cause.body ?? cause.message ?? String(error)).slice(0, 300);
  const retryAfter = Number((cause.headers ?? cause.res?.headers)?.['retry-after']);
  return Object.assign(new Error(`${name}${status === undefined ? '' : ` answered ${status}`}: ${words}`), {
    code: isRefused ? ('refused' as const) : ('retry' as const),
    ...(retryAfter > 0 ? { retryAfterMs: retryAfter * 1000 } : {}),
  });
}

/** Rejects when there is no answer in time. Clients wait for ever for an answer that breaks off in its body. */
export async function answered<T>(asked: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no whole answer within ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Line protocol knows no line breaks in tags, and servers disagree about a backslash before a separator or at the end:
 * control characters become spaces, backslashes become slashes.
 */
export function tagValue(value: string): string {
  let text = '';
  for (const char of value) text += char < ' ' || char === '\u007f' ? ' ' : char === '\\' ? '/' : char;
  return text.trim() === '' ? '-' : text;
}
