import { type EpochDay, toEpochDay } from '../values/epoch-day.ts';
import type { NonEmpty, Random } from './random.ts';

export type Route = 'IM' | 'SQ' | 'PO' | 'NASINHL';

export type VaccineProduct = {
  readonly cvx: string;
  readonly name: string;
  readonly trade?: string;
  readonly mvx?: string;
  readonly ndc?: string;
  readonly route: Route;
  readonly millilitres: number;
  /** On the market from this day to, not including, that one. */
  readonly from: EpochDay;
  readonly until: EpochDay;
};

/** MVX codes, and the makers they stand for. */
export const makers: Readonly<Record<string, string>> = {
  SKB: 'GlaxoSmithKline',
  MSD: 'Merck and Co., Inc.',
  PMC: 'sanofi pasteur',
  MSP: 'MSP Vaccine Company',
  PFR: 'Pfizer, Inc',
  MOD: 'Moderna US, Inc.',
  NVX: 'Novavax, Inc.',
  SEQ: 'Seqirus',
  MED: 'MedImmune, Inc.',
  DVX: 'Dynavax, Inc.',
  WAL: 'Wyeth',
  LED: 'Lederle',
  MBL: 'Massachusetts Biologic Laboratories',
};

// CVX | name | trade | MVX | NDC (unit of use) | route | ml | first month | month after the last.
// What a clinic asks for is the heading; it takes what was on the market on the day.
const catalogue = `
# hepb-child
08|Hep B, adolescent or pediatric|Engerix-B|SKB|58160-0820-01|IM|0.5|1991-11|
08|Hep B, adolescent or pediatric|Recombivax HB|MSD|00006-4093-01|IM|0.5|1991-11|
# hepb-adult
43|Hep B, adult|Engerix-B|SKB|58160-0821-01|IM|1|1991-11|
43|Hep B, adult|Recombivax HB|MSD|00006-4094-01|IM|1|1991-11|
# hepb-two-dose
189|HepB-CpG|Heplisav-B|DVX|43528-0002-01|IM|0.5|2018-02|
# hepa-child
83|Hep A, ped/adol, 2 dose|Havrix|SKB|58160-0825-43|IM|0.5|2006-05|
83|Hep A, ped/adol, 2 dose|Vaqta|MSD|00006-4095-01|IM|0.5|2006-05|
# hepa-adult
52|Hep A, adult|Havrix|SKB|58160-0826-43|IM|1|1996-01|
52|Hep A, adult|Vaqta|MSD|00006-4096-01|IM|1|1996-08|
# twinrix
104|Hep A-Hep B|Twinrix|SKB|58160-0815-41|IM|1|2001-06|
# rota-two-dose
119|rotavirus, monovalent|Rotarix|SKB|58160-0851-01|PO|1|2008-07|
# rota-three-dose
116|rotavirus, pentavalent|RotaTeq|MSD|00006-4047-01|PO|2|2006-03|
# dtap
01|DTP||LED||IM|0.5|1949-01|1997-02
20|DTaP|Infanrix|SKB|58160-0810-43|IM|0.5|1997-02|
106|DTaP, 5 pertussis antigens|Daptacel|PMC|49281-0286-58|IM|0.5|2002-06|
# dtap-ipv
130|DTaP-IPV|Kinrix|SKB|58160-0812-43|IM|0.5|2008-07|
130|DTaP-IPV|Quadracel|PMC|49281-0562-58|IM|0.5|2015-04|
# pediarix
110|DTaP-Hep B-IPV|Pediarix|SKB|58160-0811-43|IM|0.5|2003-01|
# pentacel
120|DTaP-Hib-IPV|Pentacel|PMC|49281-0548-58|IM|0.5|2008-07|
# vaxelis
146|DTaP,IPV,Hib,HepB|Vaxelis|MSP|63361-0243-58|IM|0.5|2021-06|
# hib
48|Hib (PRP-T)|ActHIB|PMC|49281-0547-58|IM|0.5|1993-04|
48|Hib (PRP-T)|Hiberix|SKB|58160-0816-05|IM|0.5|2009-09|
# hib-omp
49|Hib (PRP-OMP)|PedvaxHIB|MSD|00006-4897-01|IM|0.5|1990-01|
# pcv-child
100|pneumococcal conjugate PCV 7|Prevnar|WAL|00005-1970-49|IM|0.5|2000-03|2010-03
133|Pneumococcal conjugate PCV 13|Prevnar 13|PFR|00005-1971-01|IM|0.5|2010-03|2023-07
215|Pneumococcal conjugate PCV15|Vaxneuvance|MSD|00006-4329-01|IM|0.5|2022-07|
216|Pneumococcal conjugate PCV20|Prevnar 20|PFR|00005-2000-01|IM|0.5|2023-07|
# pcv-adult
133|Pneumococcal conjugate PCV 13|Prevnar 13|PFR|00005-1971-01|IM|0.5|2014-09|2021-10
216|Pneumococcal conjugate PCV20|Prevnar 20|PFR|00005-2000-01|IM|0.5|2021-10|
327|Pneumococcal conjugate PCV21|Capvaxive|MSD|00006-4347-99|IM|0.5|2024-07|
# ppsv
33|pneumococcal polysaccharide PPV23|Pneumovax 23|MSD|54868-4320-09|IM|0.5|1983-07|
# ipv
02|OPV||LED||PO|0.5|1963-01|2000-01
10|IPV|IPOL|PMC|49281-0860-78|IM|0.5|1997-01|
# mmr
03|MMR|M-M-R II|MSD|00006-4681-01|SQ|0.5|1978-09|
03|MMR|Priorix|SKB|58160-0831-03|SQ|0.5|2022-07|
# varicella
21|varicella|Varivax|MSD|00006-4827-01|SQ|0.5|1995-05|
# mmrv
94|MMRV|ProQuad|MSD|00006-4171-01|SQ|0.5|2005-10|
# tdap
115|Tdap|Adacel|PMC|49281-0400-88|IM|0.5|2005-07|
115|Tdap|Boostrix|SKB|58160-0842-41|IM|0.5|2005-06|
# td
09|Td (adult), adsorbed||MBL|13533-0131-00|IM|0.5|1970-01|2020-01
113|Td (adult) preservative free|Tenivac|PMC|49281-0215-58|IM|0.5|2008-01|
# hpv
62|HPV, quadrivalent|Gardasil|MSD|00006-4109-01|IM|0.5|2006-07|2015-07
165|HPV9|Gardasil 9|MSD|00006-4121-01|IM|0.5|2015-03|
# menacwy
114|meningococcal MCV4P|Menactra|PMC|49281-0589-58|IM|0.5|2005-03|2022-01
136|Meningococcal MCV4O|Menveo|SKB|58160-0958-01|IM|0.5|2015-01|
203|MenACWY-TT|MenQuadfi|PMC|49281-0590-58|IM|0.5|2020-12|
# menb
163|meningococcal B, OMV|Bexsero|SKB|58160-0976-02|IM|0.5|2015-03|
# menb-fhbp
162|meningococcal B, recombinant|Trumenba|PFR|00005-0100-01|IM|0.5|2015-03|
# zoster
187|zoster recombinant|Shingrix|SKB|58160-0828-01|IM|0.5|2017-11|
# zoster-live
121|zoster|Zostavax|MSD|00006-4963-01|SQ|0.65|2006-06|2020-07
# rsv-adult
303|RSV, recombinant, adjuvanted|Arexvy|SKB|58160-0723-03|IM|0.5|2023-07|
305|RSV, bivalent|Abrysvo|PFR|00069-0207-01|IM|0.5|2023-07|
326|RSV, mRNA|mRESVIA|MOD|80777-0345-01|IM|0.5|2024-07|
# rsv-pregnant
305|RSV, bivalent|Abrysvo|PFR|00069-0207-01|IM|0.5|2023-10|
# rsv-infant
306|RSV, mAb, nirsevimab-alip, 0.5 mL|Beyfortus|PMC|49281-0575-00|IM|0.5|2023-08|
# flu
141|Influenza, seasonal, injectable|Fluzone|PMC|49281-0396-78|IM|0.5|2000-07|2013-07
140|Influenza, seasonal, injectable, preservative free|Fluarix|SKB|58160-0883-41|IM|0.5|2005-09|2013-07
150|Influenza, injectable, quadrivalent, preservative free|Fluarix Quadrivalent|SKB|58160-0905-41|IM|0.5|2013-07|2024-07
150|Influenza, injectable, quadrivalent, preservative free|Fluzone Quadrivalent|PMC|49281-0416-88|IM|0.5|2013-07|2024-07
158|Influenza, injectable, quadrivalent|Fluzone Quadrivalent|PMC|49281-0625-78|IM|0.5|2013-07|2024-07
140|Influenza, seasonal, injectable, preservative free|Fluzone Trivalent|PMC|49281-0424-88|IM|0.5|2024-07|
# flu-cell
153|Influenza, injectable, MDCK, preservative free|Flucelvax|SEQ|70461-0654-04|IM|0.5|2013-07|2016-07
171|Influenza, injectable, MDCK, preservative free, quadrivalent|Flucelvax Quadrivalent|SEQ|70461-0319-04|IM|0.5|2016-07|2024-07
153|Influenza, injectable, MDCK, preservative free|Flucelvax|SEQ|70461-0654-04|IM|0.5|2024-07|
# flu-nasal
111|influenza, live, intranasal|FluMist|MED|66019-0110-01|NASINHL|0.2|2003-09|2013-07
149|influenza, live, intranasal, quadrivalent|FluMist Quadrivalent|MED|66019-0302-01|NASINHL|0.2|2013-07|2024-07
111|influenza, live, intranasal|FluMist|MED|66019-0110-01|NASINHL|0.2|2024-07|
# flu-senior
141|Influenza, seasonal, injectable|Fluzone|PMC|49281-0396-78|IM|0.5|2000-07|2010-07
135|Influenza, high dose seasonal|Fluzone High-Dose|PMC|49281-0397-88|IM|0.5|2010-07|2020-07
197|influenza, high-dose, quadrivalent|Fluzone High-Dose Quadrivalent|PMC|49281-0121-88|IM|0.7|2020-07|2024-07
205|influenza, quadrivalent, adjuvanted|Fluad Quadrivalent|SEQ|70461-0120-04|IM|0.5|2020-09|2024-07
135|Influenza, high dose seasonal|Fluzone High-Dose|PMC|49281-0124-88|IM|0.5|2024-07|
168|influenza, trivalent, adjuvanted|Fluad|SEQ|70461-0020-04|IM|0.5|2024-07|
# covid-adult
208|COVID-19, mRNA, 30 mcg/0.3 mL|Pfizer-BioNTech COVID-19|PFR|59267-1000-01|IM|0.3|2020-12|2022-09
207|COVID-19, mRNA, 100 mcg/0.5 mL|Moderna COVID-19|MOD|80777-0273-10|IM|0.5|2020-12|2022-09
300|COVID-19, mRNA, bivalent, 30 mcg/0.3 mL|Pfizer-BioNTech Bivalent|PFR|59267-0304-01|IM|0.3|2022-09|2023-09
229|COVID-19, mRNA, bivalent, 50 mcg/0.5 mL|Moderna Bivalent|MOD|80777-0282-05|IM|0.5|2022-09|2023-09
309|COVID-19, mRNA, 30 mcg/0.3 mL|Comirnaty|PFR|00069-2392-01|IM|0.3|2023-09|
312|COVID-19, mRNA, 50 mcg/0.5 mL|Spikevax|MOD|80777-0102-01|IM|0.5|2023-09|
313|COVID-19, subunit, adjuvanted|Nuvaxovid|NVX|80631-0207-01|IM|0.5|2023-10|
# covid-child
218|COVID-19, mRNA, 10 mcg/0.2 mL|Pfizer-BioNTech COVID-19|PFR|59267-1055-01|IM|0.2|2021-11|2023-09
310|COVID-19, mRNA, 10 mcg/0.3 mL|Comirnaty|PFR|00069-2501-01|IM|0.3|2023-09|
# covid-infant
311|COVID-19, mRNA, 25 mcg/0.25 mL|Spikevax|MOD|80777-0113-09|IM|0.25|2023-09|
# unknown
999|unknown||||IM|0.5|1900-01|`;

const forEver = toEpochDay(9999, 12, 31);

const productsByVaccine = parseCatalogue(catalogue);

function parseCatalogue(text: string): ReadonlyMap<string, readonly VaccineProduct[]> {
  const found = new Map<string, VaccineProduct[]>();
  let products: VaccineProduct[] = [];
  for (const line of text.trim().split('\n')) {
    if (line.startsWith('# ')) {
      products = [];
      found.set(line.slice(2), products);
    } else products.push(parseProduct(line));
  }
  return found;
}

function parseProduct(line: string): VaccineProduct {
  const [cvx = '', name = '', trade, mvx, ndc, route = '', millilitres, from = '', until] = line.split('|');
  return Object.freeze({
    cvx,
    name,
    ...(trade && { trade }),
    ...(mvx && { mvx }),
    ...(ndc && { ndc }),
    route: route as Route,
    millilitres: Number(millilitres),
    from: firstOfMonth(from),
    until: until ? firstOfMonth(until) : forEver,
  });
}

function firstOfMonth(text: string): EpochDay {
  return toEpochDay(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 1);
}

export type Vaccine =
  | 'hepb-child'
  | 'hepb-adult'
  | 'hepb-two-dose'
  | 'hepa-child'
  | 'hepa-adult'
  | 'twinrix'
  | 'rota-two-dose'
  | 'rota-three-dose'
  | 'dtap'
  | 'dtap-ipv'
  | 'pediarix'
  | 'pentacel'
  | 'vaxelis'
  | 'hib'
  | 'hib-omp'
  | 'pcv-child'
  | 'pcv-adult'
  | 'ppsv'
  | 'ipv'
  | 'mmr'
  | 'varicella'
  | 'mmrv'
  | 'tdap'
  | 'td'
  | 'hpv'
  | 'menacwy'
  | 'menb'
  | 'menb-fhbp'
  | 'zoster'
  | 'zoster-live'
  | 'rsv-adult'
  | 'rsv-pregnant'
  | 'rsv-infant'
  | 'flu'
  | 'flu-cell'
  | 'flu-nasal'
  | 'flu-senior'
  | 'covid-adult'
  | 'covid-child'
  | 'covid-infant'
  | 'unknown';

/** What the market offered on that day, if anything. */
export function productsOn(vaccine: Vaccine, day: EpochDay): readonly VaccineProduct[] {
  const all = productsByVaccine.get(vaccine) ?? [];
  return all.filter((product) => day >= product.from && day < product.until);
}

export function pickProduct(random: Random, vaccine: Vaccine, day: EpochDay): VaccineProduct | undefined {
  const [first, ...others] = productsOn(vaccine, day);
  if (!first) return undefined;
  const offered: NonEmpty<VaccineProduct> = [first, ...others];
  return random.pick(offered);
}
