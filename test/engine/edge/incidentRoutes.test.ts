// Findings, incidents and the audit trail over HTTP: of now from the board, of nights long past from the history.

import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessBy } from '../../../engine/edge/serve/access.ts';
import { type IncidentBoard, incidentBoard } from '../../../engine/edge/serve/incidentBoard.ts';
import { addIncidentRoutes } from '../../../engine/edge/serve/incidentRoutes.ts';
import { noUsers } from '../../../engine/edge/serve/users.ts';
import { memoryHistory } from '../../../engine/edge/store/memory.ts';
import { registerNames } from '../../../engine/registerNames.ts';
import type { Finding } from '../../../engine/schema/finding.ts';
import type { Incident } from '../../../engine/schema/incident.ts';
import { testRegister } from '../../harness/engine.ts';
import { changed, findingOf, incidentOf, judgedOutputs } from '../../harness/judgements.ts';
import { namesOf } from '../../harness/outputs.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const history = memoryHistory({ sources: namesOf([]) });
const board: IncidentBoard = incidentBoard();
const app = Fastify({ routerOptions: { maxParamLength: 200 } });

/** One that was over after an hour on the first day, one that still was open on the tenth. */
const old = findingOf('A', { openedMs: 0 });
const over = { ...old, state: 'closed', closedMs: 60 * minuteMs, revision: 1 } as const;
const recent = findingOf('B', { openedMs: 10 * dayMs, rule: 'stack-exceedance', place: { district: '131172' } });
const oldOpen = incidentOf(old);
const oldOver = changed(
  oldOpen,
  { atMs: 61 * minuteMs, what: 'dismiss', by: 'wang', why: 'a drill' },
  { state: 'dismissed', endedMs: 61 * minuteMs, parts: incidentOf(over).parts },
);
const recentOpen = incidentOf(recent);
const outputs = judgedOutputs([
  { nowMs: 2 * minuteMs, findings: [old], incidents: [oldOpen] },
  { nowMs: 61 * minuteMs, findings: [over], incidents: [oldOver] },
  { nowMs: 10 * dayMs + minuteMs, findings: [recent], incidents: [recentOpen] },
]);

beforeAll(async () => {
  for (const output of outputs) {
    board.publish(output);
    await history.write(output);
  }
  addIncidentRoutes(app, {
    board,
    history,
    rules: ['treatment-off', 'stack-exceedance'],
    districts: () => ['131102', '131172'],
    names: registerNames(testRegister),
    access: accessBy(noUsers),
    act: () => {},
  });
});
afterAll(() => app.close());

async function get(url: string) {
  const answer = await app.inject({ url });
  return { status: answer.statusCode, body: answer.json() as Record<string, unknown> };
}
const units = async (query: string) => ((await get(`/api/findings${query}`)).body.findings as Finding[]).map(({ unit }) => unit);
const ids = async (query: string) => ((await get(`/api/incidents${query}`)).body.incidents as Incident[]).map(({ id }) => id);
const path = (incident: Incident) => `/api/incidents/${encodeURIComponent(incident.id)}`;

describe('the board', () => {
  test('forgets what ended more than three days ago', () => {
    expect(board.incidents().map(({ id }) => id)).toEqual([recentOpen.id]);
    expect(board.findings()).toEqual([recent]);
  });

  test('is after a restart as it was', () => {
    const again = incidentBoard();
    again.restore(structuredClone(board.save()));
    expect([again.incidents(), again.findings()]).toEqual([board.incidents(), board.findings()]);
  });
});

describe('findings and incidents', () => {
  test.each([
    ['', ['B']],
    ['?limit=1', ['B']],
    ['?rule=treatment-off', []],
    ['?from=0', ['B', 'A']],
    ['?from=0&limit=1', ['B']],
    [`?to=${dayMs}`, ['A']],
    [`?from=${60 * minuteMs}&to=${dayMs}`, []],
    ['?from=0&rule=treatment-off', ['A']],
    ['?from=0&district=131172', ['B']],
    ['?from=0&unit=A', ['A']],
    ['?from=0&enterprise=E-1', []],
  ])('/api/findings%s is %j', async (query, wanted) => {
    expect(await units(query)).toEqual(wanted);
  });

  test.each([
    ['', [recentOpen.id]],
    ['?from=0', [recentOpen.id, oldOver.id]],
    ['?from=0&state=closed,dismissed', [oldOver.id]],
    ['?from=0&kind=maintenance', []],
    [`?to=${dayMs}&district=131102`, [oldOver.id]],
    ['?state=closed,dismissed', []],
  ])('/api/incidents%s is %j', async (query, wanted) => {
    expect(await ids(query)).toEqual(wanted);
  });

  test('that are there no more are answered, with explanation, from the history', async () => {
    expect((await get(path(oldOver))).body).toMatchObject({
      incident: { state: 'dismissed' },
      findings: [{ id: old.id, revision: 1 }],
    });
    expect((await get(`/api/findings/${encodeURIComponent(old.id)}`)).body).toMatchObject({ finding: { state: 'closed' } });
  });

  test('the board counts where the history does not know yet what happened', async () => {
    const late = incidentBoard();
    const dispatched = changed(recentOpen, { atMs: 1, what: 'dispatch', by: 'li' }, { state: 'dispatched' });
    late.publish({ ...outputs[2], incidents: [dispatched] });
    const other = Fastify();
    addIncidentRoutes(other, {
      board: late,
      history,
      rules: [],
      districts: () => [],
      names: registerNames(testRegister),
      access: accessBy(noUsers),
      act: () => {},
    });
    const of = async (query: string) => (await other.inject({ url: `/api/incidents?from=0&${query}` })).json().incidents;
    expect(await of('state=open')).toEqual([]);
    expect(await of('state=dispatched&limit=1')).toMatchObject([{ id: recentOpen.id, revision: 1 }]);
    await other.close();
  });

  test('nothing can be done about one that was over long ago, or that never was', async () => {
    const post = (url: string) => app.inject({ method: 'POST', url, payload: { by: 'li' } });
    const answers = [await post(`${path(oldOver)}/dispatch`), await post('/api/incidents/nobody/dispatch')];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([409, 404]);
    expect(answers[0].json().message).toContain('the incident is dismissed for days');
  });
});

describe('the audit trail', () => {
  test('is answered of all and of one, the newest first', async () => {
    const whats = async (query: string) =>
      ((await get(`/api/audit${query}`)).body.entries as { what: string }[]).map(({ what }) => what);
    expect(await whats('')).toEqual(['opened', 'dismiss', 'opened']);
    expect(await whats(`?incident=${encodeURIComponent(oldOver.id)}`)).toEqual(['dismiss', 'opened']);
    expect(await whats(`?from=${dayMs}`)).toEqual(['opened']);
    expect((await get('/api/audit?limit=1')).body.entries).toEqual(outputs[2].audit);
  });
});

test.each([
  ['/api/findings?from=soon', 400, 'from is "soon"; allowed: epoch ms, inclusive'],
  ['/api/findings?to=', 400, 'to is ""; allowed: epoch ms, exclusive'],
  ['/api/findings?from=2&to=1', 400, 'from is 2, to is 1; allowed: from < to'],
  ['/api/findings?from=1e300', 400, 'from is 1e+300, to is 8640000000000000; allowed: epoch ms'],
  ['/api/findings?from=0&to=1e300', 400, 'allowed: epoch ms'],
  ['/api/findings?limit=0', 400, 'limit is 0; allowed: 1 to 10000'],
  ['/api/findings?limit=1.5', 400, 'limit is "1.5"; allowed: 1 to 10000'],
  ['/api/findings?rule=fan', 400, 'rule is "fan"; allowed: treatment-off, stack-exceedance'],
  ['/api/findings?rule=a&rule=b', 400, 'rule is ["a","b"]; allowed: id of a rule'],
  ['/api/findings?district=1', 400, 'district is "1"; allowed: 131102, 131172'],
  ['/api/incidents?state=open,shut', 400, 'state is "shut"; allowed: open, dispatched'],
  ['/api/incidents?kind=x', 400, 'kind is "x"; allowed: emission, maintenance'],
  ['/api/incidents?limit=10001', 400, 'limit is 10001; allowed: 1 to 10000'],
  ['/api/audit?incident=nobody', 404, 'there is no incident nobody'],
  ['/api/audit?limit=many', 400, 'limit is "many"; allowed: 1 to 10000'],
])('%s is answered %d: %s', async (url, status, words) => {
  const answer = await get(url);
  expect([answer.status, String(answer.body.message)]).toEqual([status, expect.stringContaining(words)]);
});
