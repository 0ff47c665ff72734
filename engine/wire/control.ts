// Control messages of the ingest socket: text frames that have a `type`.

import type { ClientMessage, ServerMessage } from '../schema/messages.ts';
import { type Problem, shown } from '../schema/problem.ts';

/** What a text frame is: a control message, a problem, or a value to be read as rows. */
export type TextFrame = { readonly control: ClientMessage } | { readonly problem: Problem } | { readonly rows: unknown };

/** Never throws. */
export function decodeText(text: string): TextFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      problem: {
        code: 'bad-json',
        message: `The frame is not JSON: ${(error as Error).message.slice(0, 120)}.`,
        value: shown(text),
        allowed: 'a control message, a row, an array of rows, or {"kind":…,"rows":[…]}',
      },
    };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { rows: value };
  // The kind `camera` has a text column of that name, so a control message is what has a type and no source.
  if (!Object.hasOwn(value, 'type') || Object.hasOwn(value, 'source')) return { rows: value };
  return decodeControl(value as Record<string, unknown>);
}

function decodeControl(value: Record<string, unknown>): TextFrame {
  switch (value.type) {
    case 'hello':
      return decodeHello(value);
    case 'tick':
      if (Number.isSafeInteger(value.nowMs) && (value.nowMs as number) % 1000 === 0)
        return { control: { type: 'tick', nowMs: value.nowMs as number } };
      return {
        problem: {
          code: 'bad-control',
          message: 'The tick has no usable time.',
          field: 'nowMs',
          value: shown(value.nowMs),
          allowed: 'epoch ms, whole seconds',
        },
      };
    case 'end':
      return { control: { type: 'end' } };
    default:
      return {
        problem: {
          code: 'bad-control',
          message: `There is no control message ${shown(value.type)}.`,
          field: 'type',
          value: shown(value.type),
          allowed: 'hello, tick, end',
        },
      };
  }
}

function decodeHello(value: Record<string, unknown>): TextFrame {
  const { feed, token, epoch, clock, priority, orders } = value;
  const bad = (field: string, allowed: string): TextFrame => ({
    problem: {
      code: 'bad-hello',
      message: `The hello has no usable ${field}.`,
      field,
      value: field === 'token' ? '…' : shown(value[field]),
      allowed,
    },
  });
  if (typeof feed !== 'string' || feed === '' || feed.length > 64) return bad('feed', 'a text of 1 to 64 characters');
  if (token !== undefined && (typeof token !== 'string' || token.length > 512))
    return bad('token', 'a text of at most 512 characters');
  if (epoch !== undefined && (typeof epoch !== 'string' || epoch.length > 64))
    return bad('epoch', 'a text of at most 64 characters');
  if (clock !== undefined && clock !== 'wall' && clock !== 'feed') return bad('clock', 'wall, feed');
  if (priority !== undefined && !(Number.isInteger(priority) && (priority as number) >= 0 && (priority as number) <= 9))
    return bad('priority', 'a whole number from 0 (shed first) to 9');
  if (orders !== undefined && orders !== true) return bad('orders', 'true, or leave it out');
  return { control: { type: 'hello', feed, token, epoch, clock, priority: priority as number | undefined, orders } };
}

export function encodeControl(message: ClientMessage | ServerMessage): string {
  return JSON.stringify(message);
}
