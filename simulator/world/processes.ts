// All processes of all enterprises in one row: the order of every column that has an entry a process.

import type { Enterprise, EnterpriseProcess, Register } from '../../engine/schema/register.ts';

export interface ProcessRef {
  readonly enterprise: Enterprise;
  readonly process: EnterpriseProcess;
}

/** In the register's order, enterprise by enterprise. */
export function processesOf(register: Pick<Register, 'enterprises'>): readonly ProcessRef[] {
  return register.enterprises.flatMap((enterprise) => enterprise.processes.map((process) => ({ enterprise, process })));
}
