// `lantian user`: accounts of an engine, their roles and tokens.

import { mkdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { addUser, listUsers, removeUser } from '../../edge/serve/users.ts';
import { type Role, roles } from '../../schema/user.ts';
import { UsageError } from '../usage.ts';

interface UserFlags {
  readonly data: string;
  readonly role: Role;
}

const data = ['--data <dir>', 'data folder of the engine, as given to lantian serve', '.lantian/serve'] as const;

export function addUserVerb(program: Command): void {
  const user = program
    .command('user')
    .description('accounts of an engine: as long as there are none, whoever sits at the machine may do everything')
    .addHelpText(
      'after',
      `
Roles, each with what those before it may: viewer (looks), analyst (explains, exports), officer (dispatches, proposes warnings),
approver (issues and lifts warnings up to orange, makes exceptions), admin (issues red, too).

Example:
  lantian user add wang --role officer
  lantian user list
  curl -H "Authorization: Bearer TOKEN" http://127.0.0.1:8600/api/warnings
`,
    );
  user
    .command('add')
    .description('add an account, or give it another role; prints its token, which is kept nowhere')
    .argument('<name>')
    .requiredOption('--role <role>', roles.join(', '))
    .option(...data)
    .action(async (name: string, flags: UserFlags) => {
      await mkdir(flags.data, { recursive: true });
      const token = await asked(addUser(flags.data, { name, role: flags.role }));
      process.stdout.write(`${token}\n`);
      process.stderr.write(`${name} is ${flags.role}. An engine that runs already knows it after its next start.\n`);
    });
  user
    .command('list')
    .description('names and roles')
    .option(...data)
    .action(async (flags: UserFlags) => {
      const users = await listUsers(flags.data);
      process.stdout.write(users.length === 0 ? 'no accounts\n' : users.map(({ name, role }) => `${name}\t${role}\n`).join(''));
    });
  user
    .command('remove')
    .description('take an account away')
    .argument('<name>')
    .option(...data)
    .action(async (name: string, flags: UserFlags) => {
      await asked(removeUser(flags.data, name));
    });
}

/** What the person asked for cannot be done: a usage error. */
async function asked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
