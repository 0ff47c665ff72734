// Devices that clean exhaust: what they are called, what they are designed to remove, what they draw.

/** Low and high end of the designed removal; absent: nothing. */
export interface TreatmentKind {
  readonly zh: string;
  readonly en: string;
  readonly so2?: readonly [number, number];
  readonly nox?: readonly [number, number];
  readonly pm?: readonly [number, number];
  readonly voc?: readonly [number, number];
  /** kW for each m³/s of exhaust; fans and pumps, our estimate [P]. */
  readonly kwPerM3S: number;
}

const bag = [0.98, 0.995] as const;

// Baghouse: simulation guide 2.6 (off: 50 to 200 times as much). Concentrator with RTO: off 5 to 8 times as much, so 0.8 to 0.875 of
// the whole exhaust, what passes by the wheel included [D]. The others are usual design values [K].
export const treatments = {
  baghouse: { zh: '布袋除尘器', en: 'Baghouse', pm: bag, kwPerM3S: 3.2 },
  fanAndBaghouse: { zh: '引风机+布袋除尘器', en: 'Induced-draft fan and baghouse', pm: bag, kwPerM3S: 3.6 },
  cartridge: { zh: '滤筒除尘器', en: 'Cartridge filter', pm: [0.97, 0.99], kwPerM3S: 3 },
  weldingFilter: { zh: '焊烟净化器', en: 'Welding fume filter', pm: [0.9, 0.95], kwPerM3S: 2.6 },
  cyclone: { zh: '旋风+布袋除尘器', en: 'Cyclone and baghouse', pm: bag, kwPerM3S: 3.8 },
  lowNox: { zh: '低氮燃烧+烟气再循环', en: 'Low-NOx burner with flue gas recirculation', nox: [0.6, 0.75], kwPerM3S: 4 },
  ultraLow: {
    zh: 'SCR脱硝+布袋除尘+石灰石-石膏湿法脱硫',
    en: 'SCR, baghouse and wet limestone FGD',
    so2: [0.95, 0.985],
    nox: [0.8, 0.9],
    pm: [0.99, 0.998],
    kwPerM3S: 7,
  },
  wasteLine: {
    zh: 'SNCR+半干法脱酸+活性炭喷射+布袋除尘',
    en: 'SNCR, semi-dry scrubber, carbon injection and baghouse',
    so2: [0.85, 0.93],
    nox: [0.5, 0.65],
    pm: [0.99, 0.998],
    kwPerM3S: 8,
  },
  kiln: {
    zh: 'SNCR脱硝+湿法脱硫+湿电除尘',
    en: 'SNCR, wet FGD and wet electrostatic precipitator',
    so2: [0.88, 0.95],
    nox: [0.45, 0.6],
    pm: [0.96, 0.99],
    kwPerM3S: 6,
  },
  cupola: {
    zh: '引风机+布袋除尘+碱液脱硫',
    en: 'Induced-draft fan, baghouse and alkali scrubber',
    so2: [0.8, 0.9],
    pm: bag,
    kwPerM3S: 5,
  },
  zincFume: { zh: '侧吸罩+布袋除尘+水喷淋', en: 'Side hood, baghouse and water scrubber', pm: [0.95, 0.985], kwPerM3S: 3.6 },
  carbon: { zh: '两级活性炭吸附', en: 'Two-stage activated carbon', voc: [0.7, 0.85], kwPerM3S: 2.6 },
  photoCarbon: { zh: 'UV光氧+活性炭吸附', en: 'UV photolysis and activated carbon', voc: [0.6, 0.78], kwPerM3S: 2.8 },
  catalytic: {
    zh: '活性炭吸附脱附+催化燃烧',
    en: 'Carbon adsorption, desorption and catalytic oxidation',
    voc: [0.82, 0.9],
    kwPerM3S: 4.5,
  },
  rto: { zh: '沸石转轮+RTO蓄热燃烧', en: 'Zeolite wheel and RTO', voc: [0.8, 0.875], kwPerM3S: 6 },
  bagAndCarbon: { zh: '布袋除尘+活性炭吸附', en: 'Baghouse and activated carbon', pm: bag, voc: [0.7, 0.82], kwPerM3S: 4 },
  paintBooth: {
    zh: '水帘+干式过滤+活性炭吸附',
    en: 'Water curtain, dry filter and activated carbon',
    pm: [0.9, 0.96],
    voc: [0.68, 0.82],
    kwPerM3S: 3,
  },
  oilFume: { zh: '静电油烟净化器', en: 'Electrostatic oil fume filter', pm: [0.85, 0.95], voc: [0.3, 0.5], kwPerM3S: 2 },
} as const satisfies Readonly<Record<string, TreatmentKind>>;

export type TreatmentId = keyof typeof treatments;
