// Warnings and orders over HTTP: each step by whoever may, and every call that is forbidden.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessBy } from '../../../engine/edge/serve/access.ts';
import { emergencyBoard } from '../../../engine/edge/serve/emergencyBoard.ts';
import { addEmergencyRoutes } from '../../../engine/edge/serve/emergencyRoutes.ts';
import { addUser, listUsers, noUsers, readUsers, removeUser, type Users, usersPath } from '../../../engine/edge/serve/users.ts';
import { memoryHistory } from '../../../engine/edge/store/memory.ts';
import type { Output } from '../../../engine/pipeline/ports.ts';
import type { Order, OrderCommand } from '../../../engine/schema/order.ts';
import type { Register } from '../../../engine/schema/register.ts';
import { type Role, roles } from '../../../engine/schema/user.ts';
import type { Proposal, Warning, WarningCommand, WarningLevel } from '../../../engine/schema/warning.ts';
import { complianceOf, emergencyOutputs, orderOf, warningOf } from '../../harness/emergencies.ts';
import { namesOf } from '../../harness/outputs.ts';
import { registerWith } from '../../harness/planRegisters.ts';

const signers = { blue: 'approver', yellow: 'approver', orange: 'approver', red: 'admin' } as const;
let data: string;
const tokens = new Map<Role, string>();
let users: Users;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'lantian-users-'));
  for (const role of roles) tokens.set(role, await addUser(data, { name: role, role }));
  users = await readUsers(data);
});
afterAll(() => rm(data, { recursive: true, force: true }));

const order: Order = {
  id: 'order:1:E1:P1',
  warning: 'warning:1',
  level: 'orange',
  enterprise: 'E1',
  process: 'P1',
  action: 'stop',
  effectiveMs: 1_000,
  revision: 0,
  zh: '停产',
  en: 'stop',
};

function warningAt(level: WarningLevel, state: Proposal['state']): Warning {
  const proposal: Proposal = {
    id: 'proposal:1',
    action: 'start',
    level,
    effectiveMs: 1e12,
    state,
    revision: 0,
    proposedMs: 0,
    isFastStart: false,
  };
  const changes = [{ atMs: 0, what: 'proposed', level, proposal: 'proposal:1' }] as const;
  return { id: 'warning:1', criteria: 'mee-2024', revision: 0, state: 'proposed', proposal, changes };
}

function served(warning: Warning, accounts: Users = users) {
  const board = emergencyBoard();
  const output: Output = {
    rows: [],
    windows: [],
    places: [],
    findings: [],
    incidents: [],
    nowMs: 0,
    seq: 1,
    warnings: [warning],
    orders: [order],
  };
  board.publish(output);
  const acts: (WarningCommand | OrderCommand)[] = [];
  const app = Fastify({ routerOptions: { maxParamLength: 200 }, ajv: { customOptions: { removeAdditional: false } } });
  addEmergencyRoutes(app, {
    board,
    history: memoryHistory({ sources: namesOf([]) }),
    access: accessBy(accounts),
    signers,
    register: () => registerWith([]),
    act: (command) => acts.push(command),
  });
  const post = async (url: string, role: Role | undefined, payload: object) => {
    const headers = role === undefined ? {} : { authorization: `Bearer ${tokens.get(role)}` };
    return (await app.inject({ method: 'POST', url, payload, headers })).statusCode;
  };
  return { app, acts, post };
}

const move = (action: string) => `/api/proposals/proposal%3A1/${action}`;
const why = { why: 'as agreed' };

describe('with accounts', () => {
  const calls: readonly (readonly [string, string, object, Role, Warning])[] = [
    [
      'propose',
      '/api/warnings',
      { kind: 'start', level: 'red' },
      'officer',
      { ...warningAt('yellow', 'withdrawn'), state: 'withdrawn' },
    ],
    ['edit', move('edit'), { ...why, level: 'orange' }, 'officer', warningAt('yellow', 'proposed')],
    ['submit', move('submit'), {}, 'officer', warningAt('yellow', 'proposed')],
    ['withdraw', move('withdraw'), why, 'officer', warningAt('yellow', 'proposed')],
    ['issue yellow', move('issue'), {}, 'approver', warningAt('yellow', 'submitted')],
    ['issue orange', move('issue'), {}, 'approver', warningAt('orange', 'submitted')],
    ['issue red', move('issue'), {}, 'admin', warningAt('red', 'submitted')],
    ['reject red', move('reject'), why, 'admin', warningAt('red', 'submitted')],
    ['exempt', '/api/orders/order%3A1%3AE1%3AP1/exempt', why, 'approver', warningAt('orange', 'issued')],
  ];
  const table = calls.flatMap(([name, url, payload, needed, warning]) =>
    [undefined, ...roles].map((role) => {
      const may = role !== undefined && roles.indexOf(role) >= roles.indexOf(needed);
      return [name, role ?? 'nobody', role === undefined ? 401 : may ? 202 : 403, url, payload, role, warning] as const;
    }),
  );
  test.each(table)('%s by %s is answered %d', async (_name, _role, want, url, payload, role, warning) => {
    const { app, acts, post } = served(warning);
    expect(await post(url, role, payload)).toBe(want);
    expect(acts.map(({ by }) => by)).toEqual(want === 202 ? [role] : []);
    await app.close();
  });

  test('nobody signs in the name of another, or with a token that is not his', async () => {
    const { app, acts, post } = served(warningAt('yellow', 'submitted'));
    expect(await post(move('issue'), 'approver', { by: 'admin' })).toBe(403);
    const headers = { authorization: `Bearer ${tokens.get('admin')}x` };
    expect((await app.inject({ method: 'POST', url: move('issue'), payload: {}, headers })).statusCode).toBe(401);
    expect(acts).toEqual([]);
    await app.close();
  });
});

describe('without accounts', () => {
  test('whoever sits at the machine says who he is', async () => {
    const { app, acts, post } = served(warningAt('red', 'submitted'), noUsers);
    expect(await post(move('issue'), undefined, {})).toBe(400);
    expect(await post(move('issue'), undefined, { by: 'wang' })).toBe(202);
    expect(acts).toEqual([{ name: 'warning', action: 'issue', proposal: 'proposal:1', seen: 0, by: 'wang' }]);
    await app.close();
  });

  test.each([
    ['what is impossible now', move('issue'), { by: 'wang' }, 409],
    ['an unknown proposal', '/api/proposals/proposal%3A9/issue', { by: 'wang' }, 404],
    ['an unknown level', '/api/warnings', { by: 'wang', kind: 'start', level: 'purple' }, 400],
    ['an unknown field', '/api/warnings', { by: 'wang', kind: 'start', level: 'red', colour: 1 }, 400],
    ['an unknown order', '/api/orders/order%3A9/exempt', { by: 'wang', why: 'heat' }, 409],
  ])('%s is refused', async (_, url, payload, want) => {
    const { app, acts, post } = served(warningAt('red', 'proposed'), noUsers);
    expect(await post(url, undefined, payload)).toBe(want);
    expect(acts).toEqual([]);
    await app.close();
  });

  test('orders are listed a page at a time, and as a table', async () => {
    const { app } = served(warningAt('orange', 'issued'), noUsers);
    expect((await app.inject({ url: '/api/orders' })).json()).toMatchObject({ total: 1, orders: [{ id: order.id }] });
    expect((await app.inject({ url: '/api/orders?enterprise=E2' })).json()).toMatchObject({ total: 0, orders: [] });
    expect((await app.inject({ url: '/api/orders.csv' })).body).toContain('order:1:E1:P1');
    await app.close();
  });
});

describe('of any time', () => {
  const at = (hours: number) => hours * 3_600_000;
  const lifted = (number: number, proposedMs: number, endMs: number): Warning => {
    const warning = warningOf(number, proposedMs);
    const last = { atMs: endMs, what: 'lifted', level: 'orange', proposal: 'proposal:x' } as const;
    return { ...warning, state: 'lifted', revision: 5, changes: [...warning.changes, last] };
  };
  /** Five that ended, 100 h apart, with two orders each, and one that is in force. The board keeps the last three that ended. */
  const ended = [1, 2, 3, 4, 5].map((number) => lifted(number, at(number * 100), at(number * 100 + 50)));
  const ordersOf = (number: number) =>
    ['E-1', 'E-2'].map((enterprise) =>
      orderOf(number, enterprise, 'P1', { effectiveMs: at(number * 100 + 2), liftedMs: at(number * 100 + 50), revision: 1 }),
    );
  const now = warningOf(6, at(600), { state: 'in-force', level: 'orange', revision: 2 });
  const nowOrder = orderOf(6, 'E-1', 'P1', { effectiveMs: at(602), revision: 1 });
  const outputs = emergencyOutputs([
    ...ended.map((warning, i) => ({
      nowMs: at((i + 1) * 100 + 50),
      warnings: [warning],
      orders: ordersOf(i + 1),
      compliance: ordersOf(i + 1).map((each) => complianceOf(each)),
    })),
    { nowMs: at(602), warnings: [warningOf(6, at(600))], orders: [{ ...nowOrder, revision: 0, untilMs: at(900) }] },
  ]);

  /** The history is one step behind the board. */
  async function answers() {
    const board = emergencyBoard();
    const history = memoryHistory({ sources: namesOf([]) });
    for (const output of outputs) {
      board.publish(output);
      await history.write(output);
    }
    for (const output of emergencyOutputs([{ nowMs: at(603), warnings: [now], orders: [nowOrder] }])) board.publish(output);
    const app = Fastify();
    const enterprises = ['E-1', 'E-2'].map((id, i) => ({ id, district: `13110${i}` })) as unknown as Register['enterprises'];
    const register = () => ({ ...registerWith([]), enterprises });
    addEmergencyRoutes(app, { board, history, access: accessBy(noUsers), signers, register, act: () => {} });
    return async (url: string) => {
      const answer = await app.inject({ url });
      return { status: answer.statusCode, body: answer.json() as { warnings: Warning[]; orders: Order[]; total?: number } };
    };
  }
  const numbers = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id.replace(/^(warning|order):/, '')).join(' ');

  test.each([
    ['', '6 5 4 3'],
    ['?limit=2', '6 5'],
    ['?from=0', '6 5 4 3 2 1'],
    ['?from=0&limit=3', '6 5 4'],
    [`?from=${at(150)}&to=${at(500)}`, '4 3 2'],
    [`?from=${at(149)}&to=${at(500) + 1}`, '5 4 3 2 1'],
    [`?to=${at(201)}`, '2 1'],
    [`?from=${at(5_000)}`, '6'],
  ])('warnings%s', async (query, want) => {
    const ask = await answers();
    expect(numbers((await ask(`/api/warnings${query}`)).body.warnings)).toBe(want);
  });

  test.each([
    ['', '6:E-1:P1', 1],
    ['?warning=warning:5', '5:E-1:P1 5:E-2:P1', 2],
    ['?warning=warning:1', '1:E-1:P1 1:E-2:P1', 2],
    ['?warning=warning:1&limit=1&offset=1', '1:E-2:P1', 2],
    ['?warning=warning:1&district=131101', '1:E-2:P1', 1],
    ['?warning=warning:9', '', 0],
    [`?from=${at(300)}`, '6:E-1:P1 5:E-1:P1 5:E-2:P1 4:E-1:P1 4:E-2:P1 3:E-1:P1 3:E-2:P1', undefined],
    ['?from=0&enterprise=E-2', '5:E-2:P1 4:E-2:P1 3:E-2:P1 2:E-2:P1 1:E-2:P1', undefined],
    ['?from=0&enterprise=E-2&district=131100', '', undefined],
    ['?from=0&limit=3&offset=5', '3:E-1:P1 3:E-2:P1 2:E-1:P1', undefined],
    [`?from=${at(150)}&to=${at(202) + 1}`, '2:E-1:P1 2:E-2:P1', undefined],
    [`?from=${at(150)}&to=${at(202)}`, '', undefined],
    ['?from=0&warning=warning:2', '2:E-1:P1 2:E-2:P1', undefined],
  ])('orders%s', async (query, want, total) => {
    const { body } = await (await answers())(`/api/orders${query}`);
    expect([numbers(body.orders), body.total]).toEqual([want, total]);
  });

  test('the board counts where the history does not know yet, and verdicts come from either', async () => {
    const ask = await answers();
    const [newest, held] = (await ask('/api/warnings?from=0')).body.warnings;
    expect([newest, held]).toEqual([now, ended[4]]);
    const orders = (await ask('/api/orders?from=0')).body.orders;
    expect(orders[0]).toEqual(nowOrder);
    const [ofBoard, ofHistory] = [orders[1], orders.at(-1)];
    for (const [found, number] of [
      [ofBoard, 5],
      [ofHistory, 1],
    ] as const)
      expect(found).toMatchObject({ warning: `warning:${number}`, compliance: { order: found?.id, verdict: 'obeying' } });
  });

  test('one by its id, whoever still has it', async () => {
    const ask = await answers();
    for (const warning of [now, ...ended]) expect((await ask(`/api/warnings/${warning.id}`)).body).toEqual({ warning });
    for (const each of [nowOrder, ...[1, 5].flatMap(ordersOf)])
      expect((await ask(`/api/orders/${each.id}`)).body).toMatchObject({ order: each });
    for (const path of ['warnings/warning:7', 'orders/order:7:E-1:P1']) expect((await ask(`/api/${path}`)).status).toBe(404);
  });

  test.each(['warnings?from=2&to=1', 'warnings?from=x', 'orders?limit=0', 'orders?offset=-1', 'orders?to=1&from=1'])(
    '%s is refused',
    async (path) => {
      expect((await (await answers())(`/api/${path}`)).status).toBe(400);
    },
  );
});

describe('accounts', () => {
  test('are kept without their tokens, change their role, and go', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lantian-users-'));
    const first = await addUser(dir, { name: 'wang', role: 'officer' });
    const second = await addUser(dir, { name: 'wang', role: 'approver' });
    expect(await readFile(usersPath(dir), 'utf8')).not.toContain(second);
    const found = await readUsers(dir);
    expect([found.find(first), found.find(second)]).toEqual([undefined, { name: 'wang', role: 'approver' }]);
    await expect(removeUser(dir, 'li')).rejects.toThrow('there is no user "li"; there are: wang');
    await removeUser(dir, 'wang');
    expect(await listUsers(dir)).toEqual([]);
    await expect(addUser(dir, { name: 'x', role: 'king' as Role })).rejects.toThrow('--role is "king"; allowed: viewer');
    await writeFile(usersPath(dir), '[{"name":1}]');
    await expect(readUsers(dir)).rejects.toThrow('cannot be read as accounts');
    await rm(dir, { recursive: true });
  });
});
