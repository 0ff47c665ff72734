// What is wrong in a file, and where.

export interface FileProblem {
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  readonly value?: string;
  readonly allowed?: string;
}

/** `file:line:column: message (value …; allowed: …)` */
export function problemText({ file, line, column, message, value, allowed }: FileProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const details = [
    value === undefined ? '' : `value ${value === '' ? '""' : value}`,
    allowed === undefined ? '' : `allowed: ${allowed}`,
  ].filter((part) => part !== '');
  return `${place}: ${message}${details.length > 0 ? ` (${details.join('; ')})` : ''}`;
}

/** A file that cannot be used at all. */
export class FileError extends Error {
  override readonly name = 'FileError';
}
