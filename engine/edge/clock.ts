// The wall clock, for runs that live in real time.

import type { Clock } from '../pipeline/ports.ts';

export const wallClock: Clock = { nowMs: () => Date.now() };
