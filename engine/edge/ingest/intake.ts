// Takes frames in, hands batches on: knows sources, bounds what waits.

import { type Kind, kinds } from '../../schema/catalog.ts';
import type { FlowItem } from '../../schema/flow.ts';
import { type Problem, shown } from '../../schema/problem.ts';
import type { Frame } from '../../wire/frame.ts';
import { RowBuffer } from './rowBuffer.ts';
import type { SourceTable } from './sourceTable.ts';

export interface Intake {
  /** Takes the frame whole, or refuses it whole and says why. */
  add(feed: number, frame: Frame): Problem | undefined;
  /** New sources, then the rows in order of feed, kind and arrival: what came in an earlier life of the run does not show. */
  drain(): FlowItem[];
  readonly pendingRows: number;
}

export interface IntakeOptions {
  readonly sources: SourceTable;
  /** A batch is handed over for draining before it gets longer. */
  readonly rowsMax: number;
}

export function intake({ sources, rowsMax }: IntakeOptions): Intake {
  const buffers = new Map<string, RowBuffer>();
  /** Full buffers, in order, before what is still being filled. */
  let full: RowBuffer[] = [];
  let pendingRows = 0;
  /** Lists of sources seen lately, by identity: decoders and simulators reuse them. */
  const known = new WeakMap<readonly string[], Map<Kind, Int32Array>>();

  const short = new Int32Array(4);

  /** Valid until the next call: a short list, as single devices send it, is looked up again each time. */
  function indicesOf(kind: Kind, ids: readonly string[]): Int32Array {
    if (ids.length <= short.length) {
      for (let i = 0; i < ids.length; i++) short[i] = sources.indexOf(kind, ids[i]);
      return short.subarray(0, ids.length);
    }
    let byKind = known.get(ids);
    if (byKind === undefined) {
      byKind = new Map();
      known.set(ids, byKind);
    }
    let indices = byKind.get(kind);
    if (indices === undefined) {
      indices = Int32Array.from(ids, (id) => sources.indexOf(kind, id));
      byKind.set(kind, indices);
    }
    return indices;
  }

  function bufferOf(feed: number, kind: Kind, rows: number): RowBuffer {
    const key = `${feed} ${kind}`;
    let buffer = buffers.get(key);
    if (buffer !== undefined && buffer.rows > 0 && buffer.rows + rows > rowsMax) {
      full.push(buffer);
      buffer = undefined;
    }
    if (buffer === undefined) {
      buffer = new RowBuffer(kind, feed);
      buffers.set(key, buffer);
    }
    return buffer;
  }

  return {
    add(feed, frame) {
      if (frame.rows === 0) return undefined;
      const indices = indicesOf(frame.kind, frame.sources);
      const unknown = indices.indexOf(-1);
      if (unknown >= 0) {
        return {
          code: 'unknown-source',
          message: `The source is not in the register of kind ${frame.kind}, and this engine is strict.`,
          field: 'source',
          value: shown(frame.sources[unknown]),
          allowed: 'a registered source: add it to sources.ndjson, or serve without --strict',
          rows: frame.rows,
          kind: frame.kind,
          source: frame.sources[unknown],
        };
      }
      bufferOf(feed, frame.kind, frame.rows).append(frame, indices);
      pendingRows += frame.rows;
      return undefined;
    },
    drain() {
      const commands = sources.takeNew().map((command): FlowItem => ({ type: 'command', command }));
      if (pendingRows === 0) return commands;
      const filled = [...full, ...buffers.values()].filter((buffer) => buffer.rows > 0);
      full = [];
      pendingRows = 0;
      filled.sort((a, b) => a.feed - b.feed || kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
      return [...commands, ...filled.map((buffer): FlowItem => ({ type: 'rows', batch: buffer.take() }))];
    },
    get pendingRows() {
      return pendingRows;
    },
  };
}
