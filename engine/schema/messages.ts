// Control messages of the ingest socket (text frames), both directions.

import type { Problem } from './problem.ts';

export type ClientMessage =
  | {
      readonly type: 'hello';
      readonly feed: string;
      readonly token?: string;
      readonly epoch?: string;
      readonly clock?: 'wall' | 'feed';
      /** Of the feed in an overload: 0 is shed first, 9 last; 5 when absent. */
      readonly priority?: number;
    }
  | { readonly type: 'tick'; readonly nowMs: number }
  | { readonly type: 'end' };

export type ServerMessage =
  | { readonly type: 'welcome'; readonly feed: string; readonly resumeFrom: number; readonly clock: 'wall' | 'feed' }
  | { readonly type: 'ack'; readonly seq: number }
  | { readonly type: 'slow' }
  | { readonly type: 'go' }
  /** Everything up to this tick, orders included, has gone out. `end` is answered with nowMs = null. */
  | { readonly type: 'done'; readonly nowMs: number | null }
  | ({ readonly type: 'problem'; readonly frame: number } & Problem);
