// Steps whose frames fit the wire.

import type { Frame } from '../engine/wire/frame.ts';
import type { Step } from './readers/reader.ts';

/** A frame of so many rows of any kind fits the wire in either format (4 MiB and 65,536 rows). */
const rowsMax = 8_192;

/** Steps whose frames fit the wire: a county that comes back after an outage sends a hundred thousand rows in one minute. */
export function* cutSteps(steps: Iterable<Step>): Generator<Step> {
  for (const step of steps) yield step.frames.every(fits) ? step : { ...step, frames: step.frames.flatMap(cut) };
}

const fits = ({ rows }: Frame) => rows <= rowsMax;

function cut(frame: Frame): readonly Frame[] {
  if (fits(frame)) return [frame];
  return Array.from({ length: Math.ceil(frame.rows / rowsMax) }, (_, i) => part(frame, i * rowsMax));
}

function part(frame: Frame, from: number): Frame {
  const to = Math.min(frame.rows, from + rowsMax);
  const ofEach = <Column, Part>(columns: Readonly<Record<string, Column>>, take: (column: Column) => Part) =>
    Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, take(column)]));
  return {
    ...frame,
    rows: to - from,
    source: frame.source.subarray(from, to),
    time: frame.time.subarray(from, to),
    values: ofEach(frame.values, (column) => column.subarray(from, to)),
    ...(frame.marks && { marks: ofEach(frame.marks, (column) => column.subarray(from, to)) }),
    ...(frame.id && { id: frame.id.slice(from, to) }),
    ...(frame.text && { text: ofEach(frame.text, (column) => column.slice(from, to)) }),
  };
}
