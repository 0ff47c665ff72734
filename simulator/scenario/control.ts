// What a scenario file may say of complaints, control, truth and score.

import { levels } from '../../engine/schema/register.ts';
import type { Complaints, Control, Episode, ScriptedOrder } from '../world/episode.ts';
import {
  about,
  asWritten,
  choice,
  complain,
  defaulted,
  type Field,
  list,
  mapped,
  number,
  oneOrMore,
  optional,
  section,
  share,
  text,
  whole,
  yesOrNo,
} from './fields.ts';
import { dictionary, map } from './maps.ts';
import { distanceM, duration, durationDraw, ownId, time } from './units.ts';
import { checkOrder, given } from './weather.ts';

// Defaults of complaints: the second example episode [D].
export const complaints: Field<Complaints> = section(
  mapped(
    map({
      rate_per_10ugm3_h: about(
        'Complaints an hour in a district for each 10 µg/m³ of PM2.5 above 75.',
        defaulted(number(0, 100), 0.02),
      ),
      smell_bias: about('How many times more a smell brings.', defaulted(number(0, 100), 2.5)),
      reporting_delay: defaulted(durationDraw, 'lognormal(35m, 2.2)'),
      wrong_location_sd: about('How far off the reported place is.', defaulted(distanceM, '900m')),
    }),
    ({ rate_per_10ugm3_h, smell_bias, reporting_delay, wrong_location_sd }) => ({
      ratePer10UgM3H: rate_per_10ugm3_h,
      smellBias: smell_bias,
      delayMs: reporting_delay,
      wrongPlaceM: wrong_location_sd,
    }),
  ),
);

const cheatStyle = choice('night_production', 'control_off', 'meter_bypass', 'idle_fan');
const allKinds: ScriptedOrder['kinds'] = ['cems', 'voc', 'gas', 'site'];
const orderKind = choice(...allKinds);

// Shares: anchors of field inspections (SIMULATION.md section 6); what they leave to 1 obeys in part.
const response = section(
  map(
    {
      compliance: about('Share of enterprises that obey.', defaulted(share, 0.93)),
      cheating: about('Share that only seems to obey.', defaulted(share, 0.02)),
      refuse: about('Share that does not obey.', defaulted(share, 0.01)),
      notify: about('From the order until the enterprise knows.', defaulted(durationDraw, '45m')),
      ramp: about('From then until production is down.', defaulted(durationDraw, 'lognormal(150m, 1.6)')),
      cheat_style: optional(oneOrMore(cheatStyle)),
      traffic_cut: about('Cut of traffic at red.', defaulted(share, 0.25)),
      dust_stop: about("Cut of the dust sites' work at red.", defaulted(share, 0.9)),
    },
    {
      check({ compliance, cheating, refuse }, at) {
        // A hair above 1 is a matter of binary fractions.
        if (compliance + cheating + refuse > 1 + 1e-9)
          complain(at('compliance'), 'with cheating and refuse is above 1', 'together up to 1');
      },
    },
  ),
);

const order: Field<ScriptedOrder> = mapped(
  map(
    {
      id: ownId,
      level: choice(...levels),
      from: time,
      to: time,
      cut: about("Cut of every target's production, instead of the plans of the register.", optional(share)),
      kinds: optional(oneOrMore(orderKind)),
    },
    { check: ({ from, to }, at) => checkOrder(from, to, at) },
  ),
  ({ id, level, from, to, cut, kinds = allKinds }) => given<ScriptedOrder>({ id, level, cut, kinds, fromMs: from, toMs: to }),
);

export const control: Field<Control> = section(
  mapped(
    map({
      mode: about(
        'open_loop: no orders; scripted: those below; closed_loop: those of the engine, the scripted ones where none is connected.',
        defaulted(choice('open_loop', 'scripted', 'closed_loop'), 'open_loop'),
      ),
      response,
      scripted: optional(list(order)),
    }),
    ({ mode, response: answer, scripted }) => ({
      mode,
      response: {
        comply: answer.compliance,
        cheat: answer.cheating,
        refuse: answer.refuse,
        notifyMs: answer.notify,
        rampMs: answer.ramp,
        cheatStyles: answer.cheat_style ?? ['night_production', 'control_off', 'meter_bypass', 'idle_fan'],
        trafficCut: answer.traffic_cut,
        dustStop: answer.dust_stop,
      },
      scripted: scripted ?? [],
    }),
  ),
);

const minIncrement = section(
  map({
    pm25: about('µg/m³.', defaulted(number(0, 10_000), 15)),
    pm10: about('µg/m³.', defaulted(number(0, 10_000), 40)),
    k_sigma: about("Times the station's own noise.", defaulted(number(0, 100), 3)),
  }),
);

const attribution = section(
  map({
    top: about('So many causes of a rise are kept.', defaulted(whole(1, 100), 5)),
    min_increment: about('A rise counts from these on.', minIncrement),
  }),
);

export const truth: Field<Episode['truth']> = section(
  mapped(
    map({
      counterfactual: about('The world without orders is always kept: a remark.', optional(choiceOfTrue())),
      attribution,
      detectable_rule: about('A remark: the rule is the one of min_increment.', optional(text(/^[\s\S]{1,500}$/, 'a text'))),
    }),
    ({ attribution: { top, min_increment: least } }) => ({
      minIncrement: { pm25: least.pm25, pm10: least.pm10, kSigma: least.k_sigma },
      top,
    }),
  ),
);

/** Only true: there is no world without its twin. */
function choiceOfTrue(): Field<true> {
  return {
    ...mapped(yesOrNo, (value, cell) => (value ? true : complain(cell, 'is not valid', 'true'))),
    schema: () => ({ const: true }),
  };
}

const written = (field: Field<unknown>) => optional(asWritten(field));
const matching = map({ window: written(duration), distance: written(distanceM), rank: written(whole(1, 1_000)) });
const goal = map({
  precision: written(share),
  recall: written(share),
  recall_detectable: written(share),
  latency_p50: written(duration),
  latency_p90: written(duration),
  false_per_day: written(number(0, 1_000)),
});

const ruleName = /^[a-z][a-z0-9_]{0,63}$/;
/** As it stands in the file. */
export const score = map({
  match: about('When a finding counts as a hit, by class.', optional(dictionary(ruleName, 'classes: source_event', matching))),
  goals: about('What an engine should reach, by class.', optional(dictionary(ruleName, 'classes: source_event', goal))),
});
