// Who asks, and whether that person may: roles for what people decide.

import type { FastifyRequest } from 'fastify';
import { isAtLeast, type Role, type User } from '../../schema/user.ts';
import { Refused } from './incidentQueries.ts';
import type { Users } from './users.ts';

/** Throws an answer 401 without a token that somebody has, 403 for a role below the one that is needed. */
export type Access = (request: FastifyRequest, needed: Role) => User;

/** Without accounts there is one person, at this machine, who says who he is in `by`. */
export function accessBy(users: Users): Access {
  return (request, needed) => {
    const { by } = (request.body ?? {}) as { readonly by?: unknown };
    if (users.isEmpty) {
      if (typeof by === 'string' && by.trim() !== '') return { name: by, role: 'admin' };
      throw new Refused(400, '"by" is missing: say who decides');
    }
    const [, token] = /^Bearer ([\w-]+)$/.exec(request.headers.authorization ?? '') ?? [];
    const user = token === undefined ? undefined : users.find(token);
    if (user === undefined)
      throw new Refused(401, 'a token is needed: Authorization: Bearer … (lantian user add NAME --role ROLE)');
    if (by !== undefined && by !== user.name)
      throw new Refused(403, `"by" is ${JSON.stringify(by)}; this token is that of ${user.name}`);
    if (!isAtLeast(user.role, needed)) throw new Refused(403, `${user.name} is ${user.role}; needed: ${needed}`);
    return user;
  };
}
