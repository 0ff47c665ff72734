// A recording: what a feed sends, written to a file line by line instead of to an engine.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { encodeControl } from '../engine/wire/control.ts';
import { encodeJson } from '../engine/wire/json.ts';
import type { Step } from './readers/reader.ts';

export interface Recorder {
  /** Resolves when there is room for more. */
  write(step: Step): Promise<void>;
  /** Resolves when everything is in the file. */
  end(): Promise<void>;
}

/**
 * NDJSON: a hello with the feed's name, then of each step its frames in the JSON wire format and its tick; `lantian replay` reads it.
 * Gzipped where the name ends with `.gz`. Rejects, saying why, when the file cannot be written.
 */
export async function openRecorder(file: string, feed: string): Promise<Recorder> {
  const bytes = createWriteStream(file);
  const stream: Writable = file.endsWith('.gz') ? createGzip() : bytes;
  let failure: Error | undefined;
  bytes.on('error', (error) => {
    failure ??= new Error(`the recording ${file} cannot be written: ${error.message}`);
    stream.destroy(error); // who waits for its drain is told
  });
  if (stream !== bytes) {
    stream.on('error', () => {});
    stream.pipe(bytes);
  }
  const failed = (error: Error) => {
    throw failure ?? error;
  };
  await once(bytes, 'open').catch(failed);

  async function line(text: string): Promise<void> {
    if (failure !== undefined) throw failure;
    if (!stream.write(`${text}\n`)) await once(stream, 'drain').catch(failed);
  }

  await line(encodeControl({ type: 'hello', feed, clock: 'feed' }));
  return {
    async write({ frames, nowMs }) {
      for (const frame of frames) await line(encodeJson(frame));
      await line(encodeControl({ type: 'tick', nowMs }));
    },
    async end() {
      if (failure !== undefined) throw failure;
      const closed = once(bytes, 'close');
      stream.end();
      await closed.catch(failed);
    },
  };
}

/** The same steps, each recorded before it goes on. Ends the recording, also where the steps are not taken to their end. */
export async function* recorded(steps: AsyncIterable<Step> | Iterable<Step>, recorder: Recorder): AsyncGenerator<Step> {
  try {
    for await (const step of steps) {
      await recorder.write(step);
      yield step;
    }
  } finally {
    await recorder.end();
  }
}
