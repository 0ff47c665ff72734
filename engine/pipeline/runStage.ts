// The one adapter between pure stages and RxJS.

import { concat, concatMap, defer, from, type Observable, type OperatorFunction } from 'rxjs';
import type { Stage } from '../schema/stage.ts';

/**
 * Runs a fresh stage per subscription. A throw inside the stage becomes the stream's error; at completion the
 * stage is flushed. `defer`/`concatMap` carry errors on, where a hand-written Observable would swallow them.
 */
export function runStage<In, Out>(make: () => Stage<In, Out>): OperatorFunction<In, Out> {
  return (source: Observable<In>) =>
    defer(() => {
      const stage = make();
      return concat(
        source.pipe(concatMap((item) => from(stage.next(item)))),
        defer(() => from(stage.flush())),
      );
    });
}
