// Processes whose doings leave evidence: those with a sub-meter for production or a monitor on their stack.

import type { Enterprise, EnterpriseProcess, Permit } from '../../schema/register.ts';

export interface WatchedProcess {
  readonly enterprise: string;
  /** Within the enterprise. */
  readonly process: string;
  readonly zh: string;
  readonly en: string;
  readonly ratedKw: number;
  readonly shifts: EnterpriseProcess['shifts'];
  /** Ids of `power` sources. */
  readonly productionMeter?: string;
  readonly treatmentMeter?: string;
  readonly mainMeter?: string;
  readonly treatmentKw?: number;
  readonly monitor?: { readonly kind: 'cems' | 'voc'; readonly id: string };
  /** Of its stack at full load; absent: not registered. */
  readonly flowM3S?: number;
  /** mg/m³. */
  readonly limits: Permit['limits'];
}

/** `E-0001/P1`: what evidence and orders of a process are found by. */
export const processKey = (enterprise: string, process: string): string => `${enterprise}/${process}`;

/** In the register's order. Only what emits may be ordered, so only that is watched. */
export function watchedOf(enterprises: readonly Enterprise[]): readonly WatchedProcess[] {
  return enterprises.flatMap(({ id, mainMeter, permit, processes }) =>
    processes.flatMap((process): readonly WatchedProcess[] => {
      const { productionMeter, treatmentMeter, treatment, stack } = process;
      const monitor = monitorOf(stack);
      if (!process.emits || (productionMeter === undefined && monitor === undefined)) return [];
      return [
        {
          ...{ enterprise: id, process: process.id, zh: process.zh, en: process.en },
          ...{ ratedKw: process.ratedKw, shifts: process.shifts, limits: permit?.limits ?? {} },
          ...{ productionMeter, treatmentMeter, mainMeter, treatmentKw: treatment?.ratedKw, monitor, flowM3S: stack?.flowM3S },
        },
      ];
    }),
  );
}

function monitorOf(stack: EnterpriseProcess['stack']): WatchedProcess['monitor'] {
  if (stack?.cems !== undefined) return { kind: 'cems', id: stack.cems };
  return stack?.voc === undefined ? undefined : { kind: 'voc', id: stack.voc };
}
