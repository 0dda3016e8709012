import type { Coding } from 'fhir/r4.js';
import { tableOf } from '../../values/table-of.ts';
import { codeSystem } from './code-systems.ts';
import { shared } from './shared.ts';

/** SNOMED CT concept and name of each CDSi antigen, for `targetDisease`. */
export const antigens: Readonly<Record<string, readonly [code: string, display: string]>> = tableOf({
  Chikungunya: ['111864006', 'Chikungunya fever'],
  Cholera: ['63650001', 'Cholera'],
  'COVID-19': ['840539006', 'COVID-19'],
  Dengue: ['38362002', 'Dengue'],
  Diphtheria: ['397430003', 'Diphtheria'],
  Ebola: ['37109004', 'Ebola virus disease'],
  HepA: ['40468003', 'Hepatitis A'],
  HepB: ['66071002', 'Hepatitis B'],
  Hib: ['709410003', 'Haemophilus influenzae type b infection'],
  HPV: ['240532009', 'Human papillomavirus infection'],
  Influenza: ['719590007', 'Influenza caused by seasonal influenza virus'],
  'Japanese Encephalitis': ['52947006', 'Japanese encephalitis'],
  Measles: ['14189004', 'Measles'],
  Meningococcal: ['23511006', 'Meningococcal infectious disease'],
  'Meningococcal B': ['860805006', 'Invasive meningococcal disease caused by serogroup B'],
  Mumps: ['36989005', 'Mumps'],
  Orthopoxvirus: ['359814004', 'Monkeypox'],
  Pertussis: ['27836007', 'Pertussis'],
  Pneumococcal: ['16814004', 'Pneumococcal infectious disease'],
  Polio: ['721764008', 'Infection caused by Human poliovirus'],
  Rabies: ['14168008', 'Rabies'],
  Rotavirus: ['415822001', 'Viral gastroenteritis caused by Rotavirus'],
  RSV: ['55735004', 'Respiratory syncytial virus infection'],
  Rubella: ['36653000', 'Rubella'],
  TBE: ['712986001', 'Tickborne encephalitis'],
  Tetanus: ['76902006', 'Tetanus'],
  Typhoid: ['4834000', 'Typhoid fever'],
  Varicella: ['38907003', 'Varicella'],
  'Yellow Fever': ['16541001', 'Yellow fever'],
  Zoster: ['4740000', 'Herpes zoster'],
});

type AntigenConcept = { readonly coding?: Coding[]; readonly text: string };

const concepts: ReadonlyMap<string, AntigenConcept> = new Map(
  Object.entries(antigens).map(([text, [code, display]]) => [
    text,
    shared({ coding: [{ system: codeSystem.snomed, code, display }], text }),
  ]),
);

/** An antigen that a newer schedule brings and this table lacks is named by its text alone. */
export function antigenConcept(antigen: string): AntigenConcept {
  return concepts.get(antigen) ?? { text: antigen };
}

/** CVX "unspecified formulation" code of each CDSi vaccine group, for `recommendation.vaccineCode[0]`. */
export const vaccineGroups: Readonly<Record<string, string>> = tableOf({
  Chikungunya: '317',
  Cholera: '26',
  'COVID-19': '213',
  Dengue: '330',
  'DTaP/Tdap/Td': '107',
  Ebola: '214',
  HepA: '85',
  HepB: '45',
  Hib: '17',
  HPV: '137',
  Influenza: '88',
  'Japanese Encephalitis': '129',
  Meningococcal: '108',
  'Meningococcal B': '164',
  MMR: '03',
  Orthopoxvirus: '325',
  Pneumococcal: '152',
  Polio: '89',
  Rabies: '90',
  Rotavirus: '122',
  RSV: '304',
  TBE: '222',
  Typhoid: '91',
  Varicella: '21',
  'Yellow Fever': '184',
  Zoster: '188',
});

export function vaccineGroupCvx(vaccineGroup: string): string | undefined {
  return vaccineGroups[vaccineGroup];
}
