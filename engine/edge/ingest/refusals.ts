// What the ingest door answers to a message that it does not take.

import type { Problem } from '../../schema/problem.ts';

export const helloMissing: Problem = {
  code: 'bad-hello',
  message: 'The first message must be a hello.',
  field: 'type',
  allowed: '{"type":"hello","feed":"name"}',
};

export const secondHello: Problem = {
  code: 'bad-hello',
  message: 'This feed has said hello already.',
  allowed: 'one hello per connection',
};

export function clockConflict(clock: 'wall' | 'feed'): Problem {
  return {
    code: 'clock-conflict',
    message: clock === 'feed' ? 'Another feed owns the clock.' : 'This engine runs on the wall clock.',
    field: 'clock',
    value: 'feed',
    allowed: clock === 'feed' ? 'one feed with clock "feed" at a time' : '"wall", or serve with --clock feed',
  };
}

export function notClockOwner(type: string): Problem {
  return {
    code: 'bad-control',
    message: `This feed may not send "${type}": it does not own the clock.`,
    field: 'type',
    value: type,
    allowed: 'the one feed that said hello with clock "feed" to an engine served with --clock feed',
  };
}

export function tickBackwards(nowMs: number, lastTickMs: number): Problem {
  return {
    code: 'tick-backwards',
    message: 'The clock may not go back.',
    field: 'nowMs',
    value: String(nowMs),
    allowed: `at least ${lastTickMs}`,
  };
}

export function seqGap(seq: number, expected: number): Problem {
  return {
    code: 'seq-gap',
    message: `Frame ${seq} is not taken: frame ${expected} has not come. Send again from ${expected} on.`,
    field: 'seq',
    value: String(seq),
    allowed: String(expected),
  };
}
