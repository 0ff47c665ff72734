// Who may do what: roles, each with all that those before it may.

/** `device` stands apart: it may write its own sources, and nothing else. */
export const roles = ['viewer', 'analyst', 'officer', 'approver', 'admin'] as const;
export type Role = (typeof roles)[number];

export function isAtLeast(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

export interface User {
  readonly name: string;
  readonly role: Role;
}
