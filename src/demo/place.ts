import { listOf, type NonEmpty } from './random.ts';

export type Town = {
  readonly name: string;
  readonly zips: NonEmpty<string>;
  readonly county: string;
  readonly areaCode: string;
};

// Towns and their ZIP codes are real, the larger first; every street is invented.
const townText = `
Boston 02118 02124 02128 02130|Suffolk|617
Worcester 01604 01605 01609|Worcester|508
Springfield 01108 01109 01118|Hampden|413
Cambridge 02139 02140|Middlesex|617
Lowell 01851 01852|Middlesex|978
Brockton 02301 02302|Plymouth|508
Quincy 02169 02170|Norfolk|617
Lynn 01902 01904|Essex|781
New Bedford 02740 02745|Bristol|508
Fall River 02720 02721|Bristol|508
Lawrence 01841 01843|Essex|978
Newton 02458 02459|Middlesex|617
Somerville 02143 02144|Middlesex|617
Framingham 01701 01702|Middlesex|508
Haverhill 01830 01832|Essex|978
Malden 02148|Middlesex|781
Waltham 02451 02453|Middlesex|781
Brookline 02445 02446|Norfolk|617
Plymouth 02360|Plymouth|508
Revere 02151|Suffolk|781
Medford 02155|Middlesex|781
Taunton 02780|Bristol|508
Weymouth 02188 02190|Norfolk|781
Chicopee 01013 01020|Hampden|413
Peabody 01960|Essex|978
Methuen 01844|Essex|978
Everett 02149|Middlesex|617
Attleboro 02703|Bristol|508
Barnstable 02630|Barnstable|508
Salem 01970|Essex|978
Pittsfield 01201|Berkshire|413
Leominster 01453|Worcester|978
Beverly 01915|Essex|978
Fitchburg 01420|Worcester|978
Arlington 02474 02476|Middlesex|781
Westfield 01085|Hampden|413
Billerica 01821|Middlesex|978
Marlborough 01752|Middlesex|508
Woburn 01801|Middlesex|781
Amherst 01002|Hampshire|413
Braintree 02184|Norfolk|781
Chelsea 02150|Suffolk|617
Shrewsbury 01545|Worcester|508
Holyoke 01040|Hampden|413
Natick 01760|Middlesex|508
Chelmsford 01824|Middlesex|978
Andover 01810|Essex|978
Randolph 02368|Norfolk|781
Lexington 02420 02421|Middlesex|781
Falmouth 02540|Barnstable|508
Dartmouth 02747|Bristol|508
Gloucester 01930|Essex|978
Northampton 01060|Hampshire|413
Concord 01742|Middlesex|978
Gardner 01440|Worcester|978
Greenfield 01301|Franklin|413
Nantucket 02554|Nantucket|508
North Adams 01247|Berkshire|413
Great Barrington 01230|Berkshire|413
Provincetown 02657|Barnstable|508`;

export const towns = parseTowns(townText);

function parseTowns(text: string): NonEmpty<Town> {
  const [first, ...rest] = text.trim().split('\n').map(parseTown);
  if (!first) throw new Error('the table of towns is empty');
  return [first, ...rest];
}

function parseTown(line: string): Town {
  const [place = '', county = '', areaCode = ''] = line.split('|');
  const [zip = '', ...moreZips] = place.match(/[0-9]{5}/g) ?? [];
  return { name: place.replace(/ [0-9 ]+$/, ''), zips: [zip, ...moreZips], county, areaCode };
}

export const streetNames = listOf(
  'Lantern Hill, Copper Beech, Old Tannery, Heron Pond, Quarry Bend, Millwheel, Bayberry, Sailmaker, Cranberry Bog, Foxglove, Ropewalk, Cedar Swamp, Harbor Light, Stone Wall, Marsh Hawk, Apple Press, Weathervane, Granite Step, Kettle Pond, Spindle, Blue Jay, Shoemaker, Winter Meadow, Tide Gate, Saltbox, Partridge, Clockmaker, Ferry Landing, Juniper Ledge, Whistle Stop, Sugar Maple, Loom, Beacon Rock, Orchard Gate, Tern Island, Whaler, Snowberry, Barley Field, Old Trolley, Candlewick',
);
export const streetKinds = listOf('St, Rd, Ave, Ln, Way, Ct, Dr, Ter');
