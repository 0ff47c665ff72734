// A gateway as the wire format asks for: several numbered feeds, frames kept until they are acknowledged, a clock in lockstep.

import type { Server } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { catalog } from '../../../engine/schema/catalog.ts';
import type { ServerMessage } from '../../../engine/schema/messages.ts';
import { encodeControl } from '../../../engine/wire/control.ts';
import { encodeColumns } from '../../../engine/wire/encodeColumns.ts';
import type { Frame } from '../../../engine/wire/frame.ts';
import { encodeJson } from '../../../engine/wire/json.ts';
import { streamOf, uniform } from '../../../simulator/world/random.ts';
import { type Link, openLink } from './link.ts';
import type { Row, Tick } from './world.ts';

/** How the gateway sends, and what goes wrong on the way. */
export interface Way {
  readonly seed: number;
  readonly rowsPerFrame: number;
  readonly json: boolean;
  readonly framesPerTurn: number;
  readonly cutShare: number;
  readonly resendShare: number;
  readonly gapShare: number;
}

interface Numbered {
  readonly seq: number;
  readonly tick: number;
  readonly data: Uint8Array | string;
}

interface Feed {
  readonly name: string;
  readonly ownsClock: boolean;
  /** Not acknowledged yet, in order: the engine may ask for all of them. */
  kept: Numbered[];
  nextSeq: number;
  /** Number of the next frame to be sent over this connection. */
  sendSeq: number;
  link: Link | undefined;
  isWelcome: boolean;
  doneMs: number | null | undefined;
  /** Number of the newest ping that was answered. */
  pong: number;
  /** Frames from here on were left out until the engine asked for them. */
  hasGap: boolean;
  /** Wakes who waits for a word of the engine. */
  changed: () => void;
}

export interface Gateway {
  /** Sends the rows before the tick and the tick, until it is done. `sent` is told the share of frames that are out. */
  exchange(tick: number, watch: Watch): Promise<void>;
  /** Everything is acknowledged, then the end is said. */
  end(): Promise<void>;
  /** The engine is gone with all its connections: nothing of it is heard any more. */
  cut(): void;
  /** Another engine behind another door; what was not acknowledged goes there. */
  moveTo(server: Server): void;
  /** Ticks before this one are durable for sure: from here on they are to be sent again after a crash. */
  readonly durableTick: number;
  /** No cuts, nothing left out, nothing sent twice. */
  calm(): void;
  readonly problems: readonly string[];
  /** What has gone wrong on the way. */
  readonly happened: { readonly cuts: number; readonly leftOut: number; readonly sentTwice: number };
}

export interface Watch {
  /** After each frame: the share of the tick's frames that are out. True: the engine is gone, stop. */
  sent(share: number): boolean | Promise<boolean>;
  /** The tick is out. */
  ticked(): boolean | Promise<boolean>;
}

export function gateway(ticks: readonly Tick[], feedCount: number, way: Way, first: Server): Gateway {
  const problems: string[] = [];
  let server = first;
  let faults: Pick<Way, 'cutShare' | 'resendShare' | 'gapShare'> = way;
  const happened = { cuts: 0, leftOut: 0, sentTwice: 0 };
  let draws = 0;
  let pings = 0;
  let framedTick = -1;
  let durableTick = -1;
  const chance = (name: string) => uniform(way.seed, streamOf(`way ${name}`), draws++);
  const feeds = Array.from(
    { length: feedCount },
    (_, i): Feed => ({
      name: i === 0 ? 'clock' : `feed ${i}`,
      ownsClock: i === 0,
      kept: [],
      nextSeq: 0,
      sendSeq: 0,
      link: undefined,
      isWelcome: false,
      doneMs: undefined,
      pong: 0,
      hasGap: false,
      changed: () => {},
    }),
  );
  const [clock] = feeds;

  /** False when the connection broke before. */
  async function until(feed: Feed, link: Link, isDone: () => boolean): Promise<boolean> {
    while (!isDone()) {
      if (feed.link !== link) return false;
      await new Promise<void>((resolve) => {
        feed.changed = resolve;
      });
    }
    return true;
  }

  async function connect(feed: Feed): Promise<Link> {
    for (;;) {
      const link = openLink(server);
      feed.link = link;
      feed.isWelcome = false;
      const { socket } = link;
      socket.on('message', (data) => {
        take(feed, link, JSON.parse(String(data)) as ServerMessage);
        feed.changed();
      });
      socket.on('pong', (data) => {
        if (feed.link === link) feed.pong = Number(String(data));
        feed.changed();
      });
      socket.on('close', () => {
        if (feed.link === link) {
          feed.link = undefined;
          happened.cuts += 1;
        }
        feed.changed();
      });
      socket.on('open', () =>
        socket.send(encodeControl({ type: 'hello', feed: feed.name, epoch: 'one', clock: feed.ownsClock ? 'feed' : 'wall' })),
      );
      // The door may still hold the connection before it for the clock's: then it says no, and is asked again.
      if (await until(feed, link, () => feed.isWelcome)) return link;
    }
  }

  function take(feed: Feed, link: Link, message: ServerMessage): void {
    if (feed.link !== link) return;
    if (message.type === 'welcome') {
      feed.sendSeq = message.resumeFrom;
      feed.isWelcome = true;
      feed.hasGap = false;
      const lowest = feed.kept[0]?.seq ?? feed.nextSeq;
      if (message.resumeFrom < lowest)
        problems.push(`${feed.name} is asked for frame ${message.resumeFrom}, but ${lowest - 1} was acknowledged`);
    } else if (message.type === 'ack') acknowledged(feed, message.seq);
    else if (message.type === 'done') feed.doneMs = message.nowMs;
    else if (message.type === 'problem') refused(feed, message);
  }

  function acknowledged(feed: Feed, seq: number): void {
    const count = feed.kept.findIndex((frame) => frame.seq > seq);
    const gone = feed.kept.splice(0, count < 0 ? feed.kept.length : count);
    // Ticks are recorded in order: what came before these rows is as durable as they are.
    for (const { tick } of gone) durableTick = Math.max(durableTick, tick - 1);
  }

  function refused(feed: Feed, problem: Extract<ServerMessage, { type: 'problem' }>): void {
    if (problem.code === 'seq-gap' && feed.hasGap) {
      feed.sendSeq = Math.min(feed.sendSeq, Number(problem.allowed));
      return;
    }
    // Ticks that turn out to be durable are sent again after a crash, and the connection before may still own the clock.
    if (problem.code === 'tick-backwards' || problem.code === 'clock-conflict') return;
    problems.push(`${feed.name}: ${problem.code}: ${problem.message} ${problem.value ?? ''}`);
  }

  function frame(tick: number): void {
    if (tick <= framedTick) return;
    framedTick = tick;
    for (const [i, feed] of feeds.entries()) {
      for (const each of framesOf(ticks[tick].rows[i], way.rowsPerFrame)) {
        const numbered = { ...each, seq: feed.nextSeq };
        feed.kept.push({ seq: feed.nextSeq, tick, data: way.json ? encodeJson(numbered) : encodeColumns(numbered) });
        feed.nextSeq += 1;
      }
    }
  }

  /** The next frame of the feed up to this tick. */
  function next(feed: Feed, tick: number): Numbered | undefined {
    const found = feed.kept[feed.sendSeq - (feed.kept[0]?.seq ?? 0)];
    return found === undefined || found.tick > tick ? undefined : found;
  }

  function sendNext(feed: Feed, tick: number): void {
    const due = next(feed, tick);
    if (due === undefined || feed.link === undefined) return;
    feed.sendSeq += 1;
    if (chance('left out') < faults.gapShare) {
      feed.hasGap = true;
      happened.leftOut += 1;
      return;
    }
    feed.link.socket.send(due.data);
    if (chance('twice') < faults.resendShare) {
      const again = feed.kept[Math.floor(chance('which') * (due.seq - feed.kept[0].seq + 1))];
      feed.link.socket.send(again.data);
      happened.sentTwice += 1;
    }
  }

  /** Now and then a connection breaks in the middle of what it carries in this tick. */
  function planCut(feed: Feed, tick: number): void {
    if (chance('cut') >= faults.cutShare || feed.link === undefined) return;
    const bytes = feed.kept.reduce((sum, { tick: of, data }) => sum + (of <= tick ? data.length + 8 : 0), 60);
    if (chance('direction') < 0.3) feed.link.cutAfter('from', Math.floor(chance('bytes') * 60));
    else feed.link.cutAfter('to', Math.floor(chance('bytes') * bytes));
  }

  /** All frames up to the tick are taken by the door. False: the engine is gone. */
  async function deliver(tick: number, watch: Watch): Promise<boolean> {
    const total = Math.max(
      1,
      feeds.reduce((sum, { kept }) => sum + kept.filter((each) => each.tick <= tick).length, 0),
    );
    let sent = 0;
    for (const feed of feeds) planCut(feed, tick);
    for (;;) {
      for (const feed of feeds) if (feed.link === undefined) await connect(feed);
      let due = feeds.filter((feed) => next(feed, tick) !== undefined);
      while (due.length > 0) {
        sendNext(due[Math.floor(chance('which feed') * due.length)], tick);
        sent += 1;
        if (await watch.sent(Math.min(1, sent / total))) return false;
        if (sent % way.framesPerTurn === 0) await turn();
        due = due.filter((feed) => feed.link !== undefined && next(feed, tick) !== undefined);
      }
      if (await areTaken(tick)) return !(await watch.sent(1));
    }
  }

  /** A ping is answered when everything before it was read. */
  async function areTaken(tick: number): Promise<boolean> {
    let isAll = true;
    for (const feed of feeds) {
      const { link } = feed;
      if (link === undefined || link.socket.readyState !== link.socket.OPEN) {
        isAll = false;
        if (link !== undefined) await until(feed, link, () => false);
        continue;
      }
      pings += 1;
      const ping = pings;
      link.socket.ping(String(ping));
      const isAnswered = await until(feed, link, () => feed.pong >= ping);
      if (!isAnswered || next(feed, tick) !== undefined) isAll = false;
      else if (feed.hasGap) {
        // Where nothing came behind what was left out nobody has missed it: the welcome tells.
        link.cut();
        feed.link = undefined;
        isAll = false;
      }
    }
    return isAll;
  }

  async function tickOver(nowMs: number | null, message: string, watch?: Watch): Promise<boolean> {
    const { link } = clock;
    if (link === undefined) return false;
    clock.doneMs = undefined;
    link.socket.send(message);
    if (watch !== undefined && (await watch.ticked())) return false;
    return until(clock, link, () => clock.doneMs === nowMs);
  }

  return {
    async exchange(tick, watch) {
      frame(tick);
      let isGone = false;
      const guarded: Watch = {
        sent: async (share) => {
          isGone ||= await watch.sent(share);
          return isGone;
        },
        ticked: async () => {
          isGone ||= await watch.ticked();
          return isGone;
        },
      };
      const { nowMs } = ticks[tick];
      for (;;) {
        if (!(await deliver(tick, guarded))) return;
        if ((await tickOver(nowMs, encodeControl({ type: 'tick', nowMs }), guarded)) || isGone) return;
      }
    },
    async end() {
      const never: Watch = { sent: () => false, ticked: () => false };
      const last = ticks.length - 1;
      do await deliver(last, never);
      while (!(await tickOver(null, encodeControl({ type: 'end' }))));
      for (const feed of feeds) {
        for (let turns = 0; turns < 1_000 && feed.kept.length > 0; turns++) await turn();
        if (feed.kept.length > 0) problems.push(`${feed.name}: ${feed.kept.length} frames are never acknowledged`);
      }
    },
    cut() {
      for (const feed of feeds) {
        feed.link?.cut();
        feed.link = undefined;
      }
    },
    moveTo(other) {
      server = other;
    },
    get durableTick() {
      return durableTick;
    },
    calm() {
      faults = { cutShare: 0, resendShare: 0, gapShare: 0 };
    },
    problems,
    happened,
  };
}

/** Rows of one kind and length together, as many as a frame may have. */
function framesOf(rows: readonly Row[], rowsPerFrame: number): Frame[] {
  const frames: Frame[] = [];
  for (let from = 0; from < rows.length; ) {
    const { kind, periodMs } = rows[from];
    let to = from + 1;
    while (to < rows.length && to - from < rowsPerFrame && rows[to].kind === kind && rows[to].periodMs === periodMs) to++;
    frames.push(frameOf(rows.slice(from, to)));
    from = to;
  }
  return frames;
}

function frameOf(rows: readonly Row[]): Frame {
  const [{ kind, periodMs, values, id }] = rows;
  const sources = [...new Set(rows.map(({ source }) => source))];
  const positions = new Map(sources.map((source, i) => [source, i]));
  const isMarked = rows.some(({ marks = {} }) => Object.keys(marks).length > 0);
  const { text } = catalog[kind];
  return {
    kind,
    rows: rows.length,
    periodMs,
    sources,
    source: Uint16Array.from(rows, ({ source }) => positions.get(source) as number),
    time: Float64Array.from(rows, ({ eventMs }) => eventMs),
    values: Object.fromEntries(
      Object.keys(values).map((metric) => [metric, Float64Array.from(rows, (row) => row.values[metric])]),
    ),
    ...(isMarked ? { marks: { so2: Uint8Array.from(rows, ({ marks }) => marks?.so2?.charCodeAt(0) ?? 0) } } : {}),
    ...(id === undefined ? {} : { id: rows.map((row) => row.id as string) }),
    ...(text.length === 0
      ? {}
      : { text: Object.fromEntries(text.map((name) => [name, rows.map((row) => `${name} of ${row.id}`)])) }),
  };
}
