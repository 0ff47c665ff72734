// Makes the audit trail of a run from its incidents, warnings and exceptions, and finds where one was tampered with.

import { createHash } from 'node:crypto';
import type { Output } from '../pipeline/ports.ts';
import type { AuditEntry } from '../schema/audit.ts';
import { type Severity, severities } from '../schema/finding.ts';
import type { Incident } from '../schema/incident.ts';
import type { Order } from '../schema/order.ts';
import type { Warning } from '../schema/warning.ts';

export interface AuditTrail {
  /** The output with the entries for what has changed in it. Outputs in order: the same run gives the same trail. */
  follow(output: Output): Output;
  /** A copy. */
  save(): SavedTrail;
  restore(saved: SavedTrail): void;
}

/** Of the newest entry: the next one continues it. */
export interface TrailEnd {
  readonly number: number;
  readonly hash: string;
}

export interface SavedTrail extends TrailEnd {
  readonly followed: ReadonlyMap<string, Followed>;
  /** How many changes of each warning are in the trail. */
  readonly warnings: ReadonlyMap<string, number>;
  /** Orders with an exception, and whose it is. */
  readonly exempt: ReadonlyMap<string, string>;
}

/** How much of an incident is in the trail. */
interface Followed {
  readonly changes: number;
  readonly severity: Severity;
  readonly endedMs?: number;
}

export function trailEnd({ number, hash }: SavedTrail): TrailEnd {
  return { number, hash };
}

type Unsealed = Omit<AuditEntry, 'hash'>;
type Change = Omit<Unsealed, 'number' | 'previous'>;

/** Stands where the first entry names the one before. */
export const beginning: TrailEnd = { number: 0, hash: '0'.repeat(64) };
/** The engine has forgotten an incident so long after its end: late data does not reach so far back. */
const keepMs = 10 * 86_400_000;

export function auditTrail(): AuditTrail {
  let newest = beginning;
  const followed = new Map<string, Followed>();
  const warned = new Map<string, number>();
  const exempt = new Map<string, string>();

  function sealed(change: Change): AuditEntry {
    const unsealed = { number: newest.number + 1, ...change, previous: newest.hash };
    newest = { number: unsealed.number, hash: hashOf(unsealed) };
    return { ...unsealed, hash: newest.hash };
  }

  function changesOf(incident: Incident, nowMs: number): Change[] {
    const { id, changes, severity, endedMs } = incident;
    const known = followed.get(id);
    followed.set(id, { changes: changes.length, severity, endedMs });
    const fresh = changes.slice(known?.changes).map(({ atMs, what, by, why }) => changeOf(incident, { atMs, what, by, why }));
    if (known === undefined || severities.indexOf(severity) <= severities.indexOf(known.severity)) return fresh;
    return [...fresh, changeOf(incident, { atMs: fresh.at(-1)?.atMs ?? nowMs, what: 'escalated', why: severity })];
  }

  function stepsOf({ id, revision, state, changes }: Warning): Change[] {
    const fresh = changes.slice(warned.get(id) ?? 0);
    warned.set(id, changes.length);
    return fresh.map(({ atMs, what, level, by, why }) =>
      changeOf({ id, revision, state, severity: level }, { atMs, what, by, why }),
    );
  }

  function exceptionsOf(order: Order, nowMs: number): Change[] {
    const { id, revision, action, level, exemptBy, exemptWhy, restoredBy, restoredWhy } = order;
    const before = exempt.get(id);
    const now = exemptBy === undefined ? undefined : JSON.stringify([exemptBy, exemptWhy]);
    if (now === before) return [];
    if (now === undefined) exempt.delete(id);
    else exempt.set(id, now);
    const told =
      now === undefined
        ? ({ what: 'restored', by: restoredBy, why: restoredWhy } as const)
        : ({ what: 'exempted', by: exemptBy, why: exemptWhy } as const);
    return [changeOf({ id, revision, state: action, severity: level }, { atMs: nowMs, ...told })];
  }

  function forget(nowMs: number): void {
    for (const [id, { endedMs = Number.POSITIVE_INFINITY }] of followed) if (endedMs < nowMs - keepMs) followed.delete(id);
  }

  return {
    follow(output) {
      const { incidents, warnings = [], orders = [], nowMs } = output;
      const audit = [
        ...incidents.flatMap((incident) => changesOf(incident, nowMs ?? incident.foundMs)),
        ...warnings.flatMap(stepsOf),
        ...orders.flatMap((order) => exceptionsOf(order, nowMs ?? order.effectiveMs)),
      ].map(sealed);
      if (audit.length === 0) return output;
      if (nowMs !== null) forget(nowMs);
      return { ...output, audit };
    },
    save: () => ({ ...newest, followed: new Map(followed), warnings: new Map(warned), exempt: new Map(exempt) }),
    restore(saved) {
      newest = { number: saved.number, hash: saved.hash };
      followed.clear();
      for (const [id, each] of saved.followed) followed.set(id, each);
      warned.clear();
      exempt.clear();
      for (const [id, changes] of saved.warnings) warned.set(id, changes);
      for (const [id, whose] of saved.exempt) exempt.set(id, whose);
    },
  };
}

type Subject = { readonly id: string } & Pick<AuditEntry, 'revision' | 'state' | 'severity'>;

interface Told {
  readonly atMs: number;
  readonly what: AuditEntry['what'];
  readonly by?: string;
  readonly why?: string;
}

/** The order of the fields is that of the line, and so part of the hash. */
function changeOf({ id, revision, state, severity }: Subject, { atMs, what, by, why }: Told): Change {
  return { atMs, incident: wellFormed(id), revision, what, by: textOf(by), why: textOf(why), state, severity };
}

function textOf(text: string | undefined): string | null {
  return text === undefined ? null : wellFormed(text);
}

/** Stores keep UTF-8: half of a surrogate pair would come back as something else. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function hashOf(entry: Unsealed): string {
  return createHash('sha256').update(JSON.stringify(entry)).digest('hex');
}

/**
 * Takes entries in the order of their numbers and says what is wrong with each; undefined: nothing. A history may hold several
 * trails, one a run: entries of the same number, each of which continues one of the number before. `after`: what the first one
 * continues.
 */
export function trailChecker(after = beginning): (entry: AuditEntry) => string | undefined {
  let { number } = after;
  /** Of the entries with this number, and with the one before. */
  let hashes = new Set([after.hash]);
  let hashesBefore = new Set<string>();

  return (entry) => {
    if (entry.number !== number) {
      const expected = number + 1;
      hashesBefore = hashes;
      hashes = new Set();
      number = entry.number;
      if (number !== expected) {
        hashes.add(entry.hash);
        return `number ${expected} is missing`;
      }
    }
    const { hash, ...unsealed } = entry;
    hashes.add(hash);
    if (hashOf(unsealed) !== hash) return 'it was changed: its hash is that of another content';
    if (!hashesBefore.has(entry.previous)) return 'it does not continue the entry before: one was changed, removed or put in';
    return undefined;
  };
}
