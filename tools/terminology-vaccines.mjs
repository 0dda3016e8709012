// Code systems of vaccine products: CVX, MVX, vaccine groups, NDC.
import * as facts from './terminology-facts.mjs';
import {
  antigensOf,
  byCode,
  byNumber,
  codeBase,
  codeSets,
  codeSystem,
  groupsOf,
  inactive,
  isoDay,
  linksTo,
  oneLine,
  row,
  schedule,
  snomedOf,
} from './terminology-sources.mjs';

const { jenner, sid } = facts;
const cvxStatus = (vaccine) => {
  if (vaccine.conceptType === 'never active' || vaccine.conceptType === 'pending') {
    return vaccine.conceptType.replace(' ', '-');
  }
  if (vaccine['not-after']) return 'inactive';
  return vaccine.conceptType === 'foreign vaccine' ? 'non-us' : 'active';
};
const cvxType = ({ conceptType }) =>
  conceptType === 'unspecified' || conceptType === 'non vaccine' ? conceptType.replace(' ', '-') : 'vaccine';
const cvx = codeBase.cvx.map((vaccine) => {
  const status = cvxStatus(vaccine);
  const fullName = oneLine((vaccine.description ?? '').split(/\s*Notes:/)[0]);
  return row(vaccine.code, oneLine(vaccine.label), {
    names: fullName && fullName !== oneLine(vaccine.label) ? [fullName] : [],
    status,
    inactive: status === 'inactive' || status === 'never-active',
    type: cvxType(vaccine),
    notBefore: isoDay(vaccine['not-before']),
    notAfter: isoDay(vaccine['not-after']),
    vaccineGroup: groupsOf(vaccine.code),
    antigen: antigensOf(vaccine.code).map(snomedOf),
  });
});
const dated = [
  { code: 'notBefore', type: 'dateTime', description: 'First day of use' },
  { code: 'notAfter', type: 'dateTime', description: 'Last day of use' },
];
codeSystem(
  'cvx',
  {
    url: sid.cvx,
    name: 'CVX',
    title: 'Vaccines administered (CVX)',
    publisher: 'Centers for Disease Control and Prevention',
    valueSet: `${sid.cvx}/vs`,
    property: [
      { code: 'status', type: 'code', description: 'active, inactive, never-active, pending or non-us' },
      inactive,
      { code: 'type', type: 'code', description: 'vaccine, unspecified or non-vaccine' },
      ...dated,
      {
        code: 'vaccineGroup',
        type: 'Coding',
        description: 'Vaccine groups of the CDSi schedule',
        system: `${jenner}/CodeSystem/vaccine-group`,
      },
      { code: 'antigen', type: 'Coding', description: 'Diseases of the CDSi schedule', system: sid.snomed },
    ],
  },
  cvx.sort(byNumber),
);

codeSystem(
  'mvx',
  {
    url: sid.mvx,
    name: 'MVX',
    title: 'Manufacturers of vaccines (MVX)',
    publisher: 'Centers for Disease Control and Prevention',
    valueSet: `${sid.mvx}/vs`,
    property: [{ code: 'status', type: 'code', description: 'active or inactive' }, inactive, ...dated],
  },
  codeBase.mvx
    .map((maker) =>
      row(maker.code, oneLine(maker.label), {
        status: maker['not-after'] ? 'inactive' : 'active',
        inactive: Boolean(maker['not-after']),
        notBefore: isoDay(maker['not-before']),
        notAfter: isoDay(maker['not-after']),
      }),
    )
    .sort(byCode),
);

export const groupSystem = `${jenner}/CodeSystem/vaccine-group`;
codeSystem(
  'vaccine-group',
  {
    url: groupSystem,
    name: 'VaccineGroup',
    title: 'Vaccine groups of the CDSi schedule',
    valueSet: `${jenner}/ValueSet/vaccine-group`,
    property: [
      { code: 'cvx', type: 'Coding', description: 'The CVX code that stands for the group', system: sid.cvx },
      { code: 'antigen', type: 'Coding', description: 'Diseases of the group', system: sid.snomed },
    ],
  },
  schedule.vaccineGroups.map(({ name, antigens }) => {
    if (!facts.vaccineGroups[name]) throw new Error(`no CVX code is known for the vaccine group ${name}`);
    return row(name, name, { cvx: [facts.vaccineGroups[name]], antigen: antigens.map(snomedOf) });
  }),
);

// NDC: unit of use and unit of sale, in the form 5-4-2.
const ndc = new Map();
for (const [unit, set] of [
  ['use', 'VACCINATION_NDC_CODE_UNIT_OF_USE'],
  ['sale', 'VACCINATION_NDC_CODE_UNIT_OF_SALE'],
]) {
  for (const product of codeSets[set].codes) {
    if (product['code-status']?.status !== 'Valid') continue;
    const known = ndc.get(product.value) ?? { units: new Set(), cvx: new Set(), mvx: new Set() };
    known.units.add(unit);
    known.display ??= oneLine(product.label);
    known.notBefore ??= isoDay(product['use-date']?.['not-before']);
    known.notAfter ??= isoDay(product['use-date']?.['not-after']);
    known.inactive ??= product['use-date']?.['not-after'] !== undefined;
    for (const code of linksTo(product, 'VACCINATION_CVX_CODE')) known.cvx.add(code);
    for (const code of linksTo(product, 'VACCINATION_MANUFACTURER_CODE')) known.mvx.add(code);
    ndc.set(product.value, known);
  }
}
export const ndcCodes = [...ndc].sort(byCode);
codeSystem(
  'ndc',
  {
    url: sid.ndc,
    name: 'NDC',
    title: 'National drug codes of vaccines',
    content: 'fragment',
    publisher: 'Food and Drug Administration',
    valueSet: `${sid.ndc}/vs`,
    property: [
      { code: 'unit', type: 'code', description: 'use or sale' },
      inactive,
      ...dated,
      { code: 'cvx', type: 'Coding', description: 'The vaccine', system: sid.cvx },
      { code: 'mvx', type: 'Coding', description: 'The manufacturer', system: sid.mvx },
    ],
  },
  ndcCodes.map(([code, { display, units, notBefore, notAfter, inactive: retired, cvx: vaccines, mvx }]) =>
    row(code, display, {
      unit: [...units],
      inactive: retired,
      notBefore,
      notAfter,
      cvx: [...vaccines],
      mvx: [...mvx],
    }),
  ),
);
