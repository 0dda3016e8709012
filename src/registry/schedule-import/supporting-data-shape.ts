import { importError, type XmlElement } from './xml-element.ts';

/** How often an element may occur: "1", "0..1", "1..*", "0..*". */
type Cardinality = '1' | '0..1' | '1..*' | '0..*';

/** An element with children; a bare cardinality is an element that holds text. */
type Container = {
  readonly occurs: Cardinality;
  /** The release writes an empty element where it has nothing to say. */
  readonly mayBeEmpty?: true;
  readonly children: Shape;
};

export type Shape = { readonly [element: string]: Cardinality | Container };

const observedText: Shape = { text: '0..1', code: '0..1' };
const vaccine: Shape = { vaccineType: '0..1', cvx: '0..1' };
const vaccineWindow: Shape = { ...vaccine, beginAge: '0..1', endAge: '0..1' };
const effective: Shape = { effectiveDate: '0..1', cessationDate: '0..1' };
const contraindication: Shape = {
  observationCode: '1',
  observationTitle: '1',
  contraindicationText: '1',
  contraindicationGuidance: '1',
};

function many(children: Shape): Container {
  return { occurs: '0..*', mayBeEmpty: true, children };
}

function optional(children: Shape): Container {
  return { occurs: '0..1', mayBeEmpty: true, children };
}

const seriesDose: Shape = {
  doseNumber: '1',
  age: many({
    absMinAge: '0..1',
    minAge: '0..1',
    earliestRecAge: '0..1',
    latestRecAge: '0..1',
    maxAge: '0..1',
    ...effective,
  }),
  interval: many({
    fromPrevious: '0..1',
    fromTargetDose: '0..1',
    fromMostRecent: '0..1',
    fromRelevantObs: optional(observedText),
    absMinInt: '0..1',
    minInt: '0..1',
    earliestRecInt: '0..1',
    latestRecInt: '0..1',
    intervalPriority: '0..1',
    ...effective,
  }),
  allowableInterval: many({ fromPrevious: '0..1', fromTargetDose: '0..1', absMinInt: '0..1', ...effective }),
  preferableVaccine: many({
    ...vaccineWindow,
    tradeName: '0..1',
    mvx: '0..1',
    volume: '0..1',
    forecastVaccineType: '0..1',
  }),
  allowableVaccine: many(vaccineWindow),
  inadvertentVaccine: many(vaccine),
  conditionalSkip: many({
    context: '0..1',
    setLogic: '0..1',
    set: {
      occurs: '0..*',
      mayBeEmpty: true,
      children: {
        setID: '0..1',
        setDescription: '0..1',
        ...effective,
        conditionLogic: '0..1',
        condition: {
          occurs: '0..*',
          mayBeEmpty: true,
          children: {
            conditionID: '0..1',
            conditionType: '0..1',
            startDate: '0..1',
            endDate: '0..1',
            beginAge: '0..1',
            endAge: '0..1',
            interval: '0..1',
            doseCount: '0..1',
            doseType: '0..1',
            doseCountLogic: '0..1',
            vaccineTypes: '0..1',
            seriesGroups: '0..1',
          },
        },
      },
    },
  }),
  recurringDose: '1',
  seasonalRecommendation: optional({ startDate: '0..1', endDate: '0..1' }),
};

const series: Shape = {
  seriesName: '1',
  targetDisease: '1',
  vaccineGroup: '1',
  seriesAdminGuidance: '1..*',
  seriesType: '1',
  equivalentSeriesGroups: '1',
  requiredGender: '1..*',
  selectSeries: {
    occurs: '1',
    children: {
      defaultSeries: '1',
      productPath: '1',
      seriesGroupName: '1',
      seriesGroup: '1',
      seriesPriority: '1',
      seriesPreference: '1',
      minAgeToStart: '1',
      maxAgeToStart: '1',
    },
  },
  indication: {
    occurs: '1..*',
    mayBeEmpty: true,
    children: {
      observationCode: optional(observedText),
      description: '0..1',
      beginAge: '0..1',
      endAge: '0..1',
      guidance: '0..1',
    },
  },
  seriesDose: { occurs: '1..*', children: seriesDose },
};

/** AntigenSupportingData.xsd: which elements one antigen's file has. */
export const antigenShape: Shape = {
  antigenSupportingData: {
    occurs: '1',
    children: {
      immunity: optional({
        clinicalHistory: many({ guidelineCode: '1', guidelineTitle: '1' }),
        dateOfBirth: many({
          immunityBirthDate: '1',
          birthCountry: '1',
          exclusion: many({ exclusionCode: '1', exclusionTitle: '1' }),
        }),
      }),
      contraindications: {
        occurs: '1',
        mayBeEmpty: true,
        children: {
          vaccineGroup: optional({
            contraindication: {
              occurs: '0..*',
              children: { ...contraindication, beginAge: '1', endAge: '1' },
            },
          }),
          vaccine: optional({
            contraindication: {
              occurs: '0..*',
              children: {
                ...contraindication,
                contraindicatedVaccine: {
                  occurs: '0..*',
                  children: { vaccineType: '1', cvx: '1', beginAge: '1', endAge: '1' },
                },
              },
            },
          }),
        },
      },
      series: { occurs: '1..*', children: series },
    },
  },
};

const codedVaccine: Container = { occurs: '1', children: { vaccineType: '1', cvx: '1' } };

function listOf(name: string, children: Shape): Container {
  return { occurs: '1', mayBeEmpty: true, children: { [name]: { occurs: '0..*', children } } };
}

/** ScheduleSupportingData.xsd: which elements the file has that all antigens share. */
export const scheduleShape: Shape = {
  scheduleSupportingData: {
    occurs: '1',
    children: {
      liveVirusConflicts: listOf('liveVirusConflict', {
        previous: codedVaccine,
        current: codedVaccine,
        conflictBeginInterval: '1',
        minConflictEndInterval: '1',
        conflictEndInterval: '1',
      }),
      vaccineGroups: listOf('vaccineGroup', { name: '1', administerFullVaccineGroup: '1' }),
      vaccineGroupToAntigenMap: listOf('vaccineGroupMap', { name: '1', antigen: '0..*' }),
      cvxToAntigenMap: listOf('cvxMap', {
        cvx: '1',
        shortDescription: '1',
        association: {
          occurs: '1..*',
          children: { antigen: '1', associationBeginAge: '0..1', associationEndAge: '0..1' },
        },
      }),
      observations: listOf('observation', {
        observationCode: '1',
        observationTitle: '1',
        group: '1',
        indicationText: '1',
        contraindicationText: '1',
        clarifyingText: '1',
        codedValues: many({
          codedValue: { occurs: '0..*', children: { code: '1', codeSystem: '1', text: '1' } },
        }),
      }),
    },
  },
};

/** Throws a ScheduleImportError at the first element that the shape does not know, lacks or has too often. */
export function checkRoot(root: XmlElement, shape: Shape): void {
  const expected = shape[root.name];
  if (expected === undefined || typeof expected === 'string') {
    throw importError(root, `unknown element, expected ${Object.keys(shape).join(' or ')}`);
  }
  checkContainer(root, expected);
}

function checkContainer(element: XmlElement, { children, mayBeEmpty }: Container): void {
  if (element.text !== '') throw importError(element, `unexpected text "${element.text.slice(0, 40)}"`);
  if (mayBeEmpty && element.children.length === 0) return;
  for (const child of element.children) {
    const expected = children[child.name];
    if (expected === undefined) throw importError(child, 'unknown element');
    if (typeof expected === 'string') checkTextElement(child);
    else checkContainer(child, expected);
  }
  for (const [name, expected] of Object.entries(children)) checkOccurrence(element, name, expected);
}

function checkTextElement(element: XmlElement): void {
  const [child] = element.children;
  if (child) throw importError(child, `unknown element, ${element.name} holds text only`);
}

function checkOccurrence(parent: XmlElement, name: string, expected: Cardinality | Container): void {
  const occurs = typeof expected === 'string' ? expected : expected.occurs;
  const found = parent.children.filter((child) => child.name === name);
  if (found.length === 0 && occurs.startsWith('1')) throw importError(parent, `element "${name}" is missing`);
  const second = found[1];
  if (second && !occurs.endsWith('*')) throw importError(second, 'occurs more than once');
}
