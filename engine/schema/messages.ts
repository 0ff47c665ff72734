// Control messages of the ingest socket (text frames), both directions.

import type { Problem } from './problem.ts';
import type { Level } from './register.ts';

/** Curtailment of one process of one enterprise, or of all its processes that emit. Sent twice it counts once. */
export interface OrderMessage {
  readonly id: string;
  readonly enterprise: string;
  /** Within the enterprise; absent: all that emit. */
  readonly process?: string;
  readonly action: 'stop' | 'limit';
  /** `limit`: how much of the usual production stays, %. */
  readonly toPct?: number;
  readonly effectiveMs: number;
  readonly untilMs?: number;
}

/** What a level asks of the whole city: traffic, construction sites, non-road machines. Sent twice it counts once. */
export interface SectorMessage {
  readonly id: string;
  readonly level: Level;
  readonly effectiveMs: number;
  readonly untilMs?: number;
}

/** What goes to feeds that obey orders. */
export type OrderNews =
  | { readonly type: 'order'; readonly order: OrderMessage }
  | { readonly type: 'sector'; readonly order: SectorMessage }
  | { readonly type: 'lift'; readonly id: string; readonly atMs: number };

export type ClientMessage =
  | {
      readonly type: 'hello';
      readonly feed: string;
      readonly token?: string;
      readonly epoch?: string;
      readonly clock?: 'wall' | 'feed';
      /** Of the feed in an overload: 0 is shed first, 9 last; 5 when absent. */
      readonly priority?: number;
      /** This client obeys orders and wants to be told of them (simulators). */
      readonly orders?: true;
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
  /** To clients that asked for orders, before the `done` of the tick that made them; after a `welcome` those that hold. */
  | OrderNews
  | ({ readonly type: 'problem'; readonly frame: number } & Problem);
