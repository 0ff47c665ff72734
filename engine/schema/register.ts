// The register: who may send what, from where. Lines of `register/*.ndjson`.

import type { Kind } from './catalog.ts';

/** One registered sender of rows of one kind: a station, a stack, a meter, a camera. */
export interface Source {
  readonly kind: Kind;
  readonly id: string;
  readonly zh: string;
  readonly en?: string;
  /** District code (131102 …); '' = not in any: windowed, but left out of district and city. */
  readonly district: string;
  /** WGS-84. */
  readonly lon?: number;
  readonly lat?: number;
  /** Override the kind's defaults. */
  readonly cadenceMs?: number;
  readonly latenessMs?: number;
  readonly idleMs?: number;
  /** Air: a national (reference) station. */
  readonly national?: boolean;
  /** The enterprise that a stack, VOC monitor or meter belongs to. */
  readonly enterprise?: string;
  /** Power: what the circuit feeds. */
  readonly circuit?: 'main' | 'production' | 'treatment';
}

export interface District {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly lon: number;
  readonly lat: number;
}

/** 13 sub-centres report to the city. */
export interface Register {
  readonly city: { readonly code: string; readonly zh: string; readonly en: string };
  readonly districts: readonly District[];
  readonly sources: readonly Source[];
}
