import { tableOf } from '../../values/table-of.ts';
import type { Segment } from '../er7/message.ts';
import { type Piece, repetitionsOf, textAt, textIn } from '../er7/piece.ts';
import type { Finding } from '../finding.ts';
import { quote } from './finding-text.ts';
import type { Profile } from './profile.ts';

type CodeList = {
  readonly table: string;
  readonly of: string;
  readonly send: string;
  /** SNOMED CT has more codes of it than the guide lists, and the forecast knows some. */
  readonly takesSnomed?: true;
};

/** What an OBX says of a person by a code: the list of it in the guide, which the profiles hold OBX-5 to by no rule. */
const lists: Readonly<Record<string, CodeList>> = tableOf<CodeList>({
  '59784-9': {
    table: 'PHVS_HistoryOfDiseaseAsEvidenceOfImmunity_IIS',
    of: 'diseases that leave immunity',
    send: 'SNOMED CT, 38907003^Varicella^SCT',
  },
  '75505-8': {
    table: 'PHVS_SerologicalEvidenceOfImmunity_IIS',
    of: 'immunity by serology',
    send: 'SNOMED CT, 371113008^Varicella immune^SCT',
  },
  '30945-0': {
    table: 'PHVS_VaccinationContraindication_IIS',
    of: 'precautions',
    send: 'a code of CDCPHINVS (VXC20) or SCT',
    takesSnomed: true,
  },
  '31044-1': {
    table: 'PHVS_VaccinationReaction_IIS',
    of: 'reactions',
    send: 'a code of CDCPHINVS (VXC12) or SCT',
    takesSnomed: true,
  },
  '59785-6': {
    table: 'PHVS_VaccinationSpecialIndications_IIS',
    of: 'special indications',
    send: 'VXC7 or VXC8 of CDCPHINVS',
  },
});

/** What is kept, and means nothing to the forecast, is told: the sender would think that it counts. */
export function observedCodeNotes(profile: Profile, obx: Segment): readonly Finding[] {
  const list = lists[textAt(obx, { field: 3 }) ?? ''];
  if (!list) return [];
  return repetitionsOf(obx, 5).flatMap((value, at) => {
    const code = textIn(value, 1, 1);
    if (code === undefined || isKnown(profile, list, value)) return [];
    const location = { segment: 'OBX', occurrence: obx.occurrence, field: 5, repetition: at + 1 };
    const text = `OBX-5 (Observation Value) ${quote(code)} is not in the guide's list of ${list.of}: it is kept, and the forecast does not count it. Send ${list.send}.`;
    return [
      { severity: 'W', code: '103', application: '5', location, text, detection: 'MQE0607' },
    ] satisfies Finding[];
  });
}

function isKnown({ tables }: Profile, { table, takesSnomed }: CodeList, value: Piece): boolean {
  return [1, 4].some((place) => {
    const code = textIn(value, place, 1);
    const system = textIn(value, place + 2, 1);
    if (code === undefined) return false;
    // The guide's 341112003 is no code of SNOMED CT; what is meant is 371112003.
    if (code === '371112003' || (takesSnomed && /^(?:SCT|SNM|SNOMED.*)$/i.test(system ?? ''))) return true;
    return (tables.get(table)?.systemsOf(code).length ?? 1) > 0;
  });
}
