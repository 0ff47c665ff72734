// `lantian explain`: why, down to readings: incidents and findings of a finished run.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Explanation, explainFinding, explainIncident, explanationText } from '../../domain/explain.ts';
import { registerNames } from '../../registerNames.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Incident } from '../../schema/incident.ts';
import { loadRegister } from '../loadRegister.ts';
import { UsageError } from '../usage.ts';

interface ExplainFlags {
  readonly lang: string;
  readonly register?: string;
  readonly json: boolean;
}

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('why: incidents and findings of a finished run, down to readings, in Chinese or English')
    .argument('<dir>', 'a folder that lantian run, replay or serve --out has written')
    .argument('[id...]', 'of incidents or findings, or of enterprises (E-0212) for all of theirs; default: all incidents')
    .option('--lang <zh|en>', 'language of the text', 'zh')
    .option('--register <dir>', 'register of the city, for names; default: the simulated Hengshui')
    .option('--json', 'a line of JSON each: id, zh, en, parts', false)
    .addHelpText(
      'after',
      '\nExample:\n  lantian run binhu-fan --out ./run1 && lantian explain ./run1 E-0212\n  lantian explain ./run1 --lang en | less\n',
    )
    .action(async (dir: string, ids: readonly string[], flags: ExplainFlags) => {
      const { lang } = flags;
      if (lang !== 'zh' && lang !== 'en') throw new UsageError(`--lang is "${lang}"; allowed: zh, en`);
      const names = registerNames(await loadRegister(flags.register));
      const findings = await readRecords<Finding>(dir, 'findings.ndjson');
      const incidents = await readRecords<Incident>(dir, 'incidents.ndjson');
      const byId = new Map(findings.map((finding) => [finding.id, finding]));
      const ofIncident = (incident: Incident): readonly [string, Explanation] => {
        const parts = incident.parts.flatMap(({ id }) => byId.get(id) ?? []);
        return [incident.id, explainIncident(incident, parts, names)];
      };
      const told = ids.length === 0 ? incidents.map(ofIncident) : ids.flatMap((id) => asked(id));
      for (const [id, explanation] of told)
        process.stdout.write(
          flags.json ? `${JSON.stringify({ id, ...explanation })}\n` : `${id}\n${explanationText(explanation, lang, 1)}\n\n`,
        );
      if (told.length === 0) process.stderr.write(`lantian: there is no incident in ${dir}\n`);

      function asked(id: string): readonly (readonly [string, Explanation])[] {
        const finding = byId.get(id);
        if (finding !== undefined) return [[id, explainFinding(finding, names)]];
        const own = incidents.filter((incident) => incident.id === id || incident.enterprise === id);
        if (own.length === 0)
          throw new UsageError(
            `"${id}" is no incident or finding in ${dir}, and no enterprise with one; allowed: ids of incidents.ndjson and findings.ndjson`,
          );
        return own.map(ofIncident);
      }
    });
}

/** The last revision of each, as the files hold them. */
async function readRecords<T>(dir: string, name: string): Promise<readonly T[]> {
  const file = join(dir, name);
  if (!existsSync(file))
    throw new UsageError(`there is no ${file}; allowed: the folder of a run (lantian run SCENARIO --out DIR)`);
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as T);
}
