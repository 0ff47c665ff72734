// Bounds of what one frame may hold, checked before anything is allocated.

import type { Problem } from '../schema/problem.ts';

export interface WireLimits {
  readonly frameBytesMax: number;
  readonly rowsMax: number;
  readonly sourcesMax: number;
  readonly idLengthMax: number;
  readonly textLengthMax: number;
}

export const defaultWireLimits: WireLimits = {
  frameBytesMax: 4 * 1024 * 1024,
  rowsMax: 65_536,
  sourcesMax: 65_536,
  idLengthMax: 64,
  textLengthMax: 2_000,
};

export function tooLarge(bytes: number, { frameBytesMax }: WireLimits): Problem {
  return {
    code: 'frame-too-large',
    message: `The frame has ${bytes} bytes.`,
    value: String(bytes),
    allowed: `at most ${frameBytesMax} bytes`,
  };
}
