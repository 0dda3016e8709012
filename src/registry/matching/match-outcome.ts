export type MatchOutcome = 'match' | 'possible' | 'none';

/** FHIR's match-grade (http://terminology.hl7.org/CodeSystem/match-grade). */
export type MatchGrade = 'certain' | 'probable' | 'possible' | 'certainly-not';
