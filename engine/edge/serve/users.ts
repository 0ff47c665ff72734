// Accounts of the engine: names, roles and hashed tokens in `users.json` of the data folder.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Role, roles, type User } from '../../schema/user.ts';

interface Account extends User {
  /** SHA-256 of the token, in hex: tokens are 256 random bits, which nobody can guess from it. */
  readonly token: string;
}

export interface Users {
  /** None: the engine serves one person on this machine, who may do everything. */
  readonly isEmpty: boolean;
  /** Undefined: nobody has this token. */
  find(token: string): User | undefined;
}

export const noUsers: Users = { isEmpty: true, find: () => undefined };

export const usersPath = (data: string) => join(data, 'users.json');
const nameMax = 100;
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');

export async function readUsers(data: string): Promise<Users> {
  const accounts = await readAccounts(data);
  return {
    isEmpty: accounts.length === 0,
    find(token) {
      const hash = Buffer.from(hashOf(token));
      // Each is compared, so that the time does not tell whose it is.
      const found = accounts.filter((account) => timingSafeEqual(hash, Buffer.from(account.token)))[0];
      return found && { name: found.name, role: found.role };
    },
  };
}

export async function listUsers(data: string): Promise<readonly User[]> {
  return (await readAccounts(data)).map(({ name, role }) => ({ name, role }));
}

/** Returns the token, which is written nowhere. A name that is there gets the new role and token. */
export async function addUser(data: string, { name, role }: User): Promise<string> {
  if (name.trim() === '' || name.length > nameMax) throw new Error(`the name is "${name}"; allowed: 1 to ${nameMax} characters`);
  if (!roles.includes(role)) throw new Error(`--role is "${role}"; allowed: ${roles.join(', ')}`);
  const token = randomBytes(32).toString('base64url');
  const others = (await readAccounts(data)).filter((account) => account.name !== name);
  await writeAccounts(data, [...others, { name, role, token: hashOf(token) }]);
  return token;
}

export async function removeUser(data: string, name: string): Promise<void> {
  const accounts = await readAccounts(data);
  if (!accounts.some((account) => account.name === name))
    throw new Error(`there is no user "${name}"; there are: ${accounts.map((each) => each.name).join(', ') || 'none'}`);
  await writeAccounts(
    data,
    accounts.filter((account) => account.name !== name),
  );
}

async function readAccounts(data: string): Promise<readonly Account[]> {
  const path = usersPath(data);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw error;
  }
  const isAccount = (each: Partial<Account> | null) =>
    typeof each?.name === 'string' && roles.includes(each.role as Role) && /^[0-9a-f]{64}$/.test(String(each.token));
  try {
    const accounts = JSON.parse(text) as Partial<Account>[];
    if (Array.isArray(accounts) && accounts.every(isAccount)) return accounts as Account[];
  } catch {
    // said below
  }
  throw new Error(`${path} cannot be read as accounts: mend it, or remove it and add the users again with lantian user add`);
}

async function writeAccounts(data: string, accounts: readonly Account[]): Promise<void> {
  const path = usersPath(data);
  await writeFile(`${path}.new`, `${JSON.stringify(accounts, null, 1)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
