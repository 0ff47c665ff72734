// NDJSON: rows of any kind in the JSON wire format, one or more a line, in the order in which they arrived; ticks where it has any.

import { decodeText, type TextFrame } from '../../engine/wire/control.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { decodeJsonValue } from '../../engine/wire/json.ts';
import { defaultWireLimits } from '../../engine/wire/limits.ts';
import type { FileProblem } from '../fileProblem.ts';
import type { Reader, Step } from './reader.ts';
import { firstLine, linesOf } from './textFile.ts';

const minuteMs = 60_000;
/** A file that has ticks has one among so many lines at its beginning: a step of the whole city has a dozen lines. */
const ticksWithinLines = 1_000;

export interface NdjsonReader extends Reader {
  /** Name of the feed that was recorded, where the file begins with its hello. */
  feed(): Promise<string | undefined>;
}

/**
 * Where the file has ticks (`{"type":"tick","nowMs":…}`, whole seconds, never back) each ends a step. Without them time goes on
 * with the newest row so far, with a tick at each new minute, before the row that begins it.
 */
export function ndjsonReader(file: string): NdjsonReader {
  async function* steps(): AsyncGenerator<Step> {
    let hasTicks = await beginsWithTicks(file);
    let frames: Frame[] = [];
    let problems: FileProblem[] = [];
    let newestMs = Number.NEGATIVE_INFINITY;
    let tickMs = Number.NEGATIVE_INFINITY;

    function step(nowMs: number, share?: number): Step {
      tickMs = nowMs;
      const taken = { frames, nowMs, problems, share };
      frames = [];
      problems = [];
      return taken;
    }

    for await (const { line, text, share } of linesOf(file)) {
      if (text.trim() === '') continue;
      const found = decodeText(text);
      if ('problem' in found) {
        const { message, value, allowed } = found.problem;
        problems.push({ file, line, message, value, allowed });
        continue;
      }
      if ('control' in found) {
        const nowMs = tickOf(found);
        if (nowMs === undefined) continue; // the hello and the end of the feed
        if (nowMs < tickMs) {
          problems.push({ file, line, message: 'the tick goes back', value: String(nowMs), allowed: `at least ${tickMs}` });
          continue;
        }
        hasTicks = true;
        yield step(nowMs, share);
        continue;
      }
      const decoded = decodeJsonValue(found.rows, defaultWireLimits);
      for (const { message, value, allowed } of decoded.problems) problems.push({ file, line, message, value, allowed });
      const lineMs = Math.max(
        ...decoded.frames.map((frame) => frame.time.reduce((a, b) => Math.max(a, b + frame.periodMs), Number.NEGATIVE_INFINITY)),
      );
      const minute = Math.floor(lineMs / minuteMs) * minuteMs;
      if (!hasTicks && frames.length > 0 && minute > newestMs) yield step(minute, share);
      newestMs = Math.max(newestMs, lineMs);
      frames.push(...decoded.frames);
    }
    if (frames.length > 0 || problems.length > 0) {
      const endMs = Number.isFinite(newestMs) ? Math.ceil(newestMs / 1000) * 1000 : 0;
      yield step(Math.max(tickMs, endMs));
    }
  }

  return {
    format: 'ndjson',
    steps,
    async feed() {
      const found = decodeText(await firstLine(file));
      return 'control' in found && found.control.type === 'hello' ? found.control.feed : undefined;
    },
  };
}

async function beginsWithTicks(file: string): Promise<boolean> {
  for await (const { line, text } of linesOf(file)) {
    if (/^\s*\{\s*"type"\s*:\s*"tick"/.test(text)) return true;
    if (line >= ticksWithinLines) break;
  }
  return false;
}

function tickOf(found: Extract<TextFrame, { control: unknown }>): number | undefined {
  return found.control.type === 'tick' ? found.control.nowMs : undefined;
}
