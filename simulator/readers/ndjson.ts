// NDJSON: rows of any kind in the JSON wire format, one or more a line, in the order in which they arrived.

import type { Frame } from '../../engine/wire/frame.ts';
import { decodeJson } from '../../engine/wire/json.ts';
import { defaultWireLimits } from '../../engine/wire/limits.ts';
import type { FileProblem } from '../fileProblem.ts';
import type { Reader, Step } from './reader.ts';
import { linesOf } from './textFile.ts';

const minuteMs = 60_000;

/** Time goes on with the newest row so far; a tick at each new minute, before the row that begins it. */
export function ndjsonReader(file: string): Reader {
  async function* steps(): AsyncGenerator<Step> {
    let frames: Frame[] = [];
    let problems: FileProblem[] = [];
    let newestMs = Number.NEGATIVE_INFINITY;
    for await (const { line, text, share } of linesOf(file)) {
      if (text.trim() === '') continue;
      const decoded = decodeJson(text, defaultWireLimits);
      for (const { message, value, allowed } of decoded.problems) problems.push({ file, line, message, value, allowed });
      const lineMs = Math.max(
        ...decoded.frames.map((frame) => frame.time.reduce((a, b) => Math.max(a, b + frame.periodMs), Number.NEGATIVE_INFINITY)),
      );
      const minute = Math.floor(lineMs / minuteMs) * minuteMs;
      if (frames.length > 0 && minute > newestMs) {
        yield { frames, nowMs: minute, problems, share };
        frames = [];
        problems = [];
      }
      newestMs = Math.max(newestMs, lineMs);
      frames.push(...decoded.frames);
    }
    if (frames.length > 0 || problems.length > 0) {
      yield { frames, nowMs: Number.isFinite(newestMs) ? Math.ceil(newestMs / 1000) * 1000 : 0, problems };
    }
  }

  return { format: 'ndjson', steps };
}
