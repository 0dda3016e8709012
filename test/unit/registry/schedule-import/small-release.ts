/** The smallest release that is whole: one antigen, one series, one dose. */
export function smallRelease(): Map<string, string> {
  return new Map([
    ['ScheduleSupportingData.xml', shared],
    ['AntigenSupportingData- Polio-508.xml', polio],
  ]);
}

const shared = `<scheduleSupportingData>
<liveVirusConflicts><liveVirusConflict>
<previous><vaccineType>MMR</vaccineType><cvx>3</cvx></previous>
<current><vaccineType>Varicella</vaccineType><cvx>21</cvx></current>
<conflictBeginInterval>1 day</conflictBeginInterval>
<minConflictEndInterval>24 days</minConflictEndInterval>
<conflictEndInterval>28 days</conflictEndInterval>
</liveVirusConflict></liveVirusConflicts>
<vaccineGroups><vaccineGroup><name>Polio </name>
<administerFullVaccineGroup>n/a</administerFullVaccineGroup></vaccineGroup></vaccineGroups>
<vaccineGroupToAntigenMap><vaccineGroupMap><name>Polio</name><antigen>Polio</antigen></vaccineGroupMap></vaccineGroupToAntigenMap>
<cvxToAntigenMap><cvxMap><cvx>10</cvx><shortDescription>IPV</shortDescription>
<association><antigen>Polio</antigen><associationBeginAge/><associationEndAge>n/a</associationEndAge></association></cvxMap></cvxToAntigenMap>
<observations><observation><observationCode>007</observationCode><observationTitle>Pregnant</observationTitle>
<group/><indicationText>a sentence</indicationText><contraindicationText/><clarifyingText/>
<codedValues><codedValue><code>77386006</code><codeSystem>SNOMED</codeSystem><text>Pregnancy</text></codedValue></codedValues>
</observation></observations>
</scheduleSupportingData>
`;

const polio = `<antigenSupportingData>
<immunity><clinicalHistory><guidelineCode>007</guidelineCode><guidelineTitle>t</guidelineTitle></clinicalHistory>
<dateOfBirth><immunityBirthDate>01/31/1957</immunityBirthDate><birthCountry>n/a</birthCountry></dateOfBirth></immunity>
<contraindications><vaccineGroup><contraindication><observationCode>007</observationCode>
<observationTitle>t</observationTitle><contraindicationText>a sentence</contraindicationText><contraindicationGuidance/>
<beginAge/><endAge>8 months</endAge></contraindication></vaccineGroup></contraindications>
<series>
<seriesName>Polio 1-dose </seriesName>
<targetDisease>Polio</targetDisease>
<vaccineGroup>Polio</vaccineGroup>
<seriesAdminGuidance>a sentence</seriesAdminGuidance>
<seriesType>standard</seriesType>
<equivalentSeriesGroups>2; 3</equivalentSeriesGroups>
<requiredGender/>
<selectSeries><defaultSeries>Yes</defaultSeries><productPath>No</productPath><seriesGroupName>Standard</seriesGroupName>
<seriesGroup>1</seriesGroup><seriesPriority>A</seriesPriority><seriesPreference/><minAgeToStart/><maxAgeToStart>19 years</maxAgeToStart></selectSeries>
<indication/>
<seriesDose>
<doseNumber>Dose 1</doseNumber>
<age><absMinAge> 6 weeks - 4 days</absMinAge><minAge>6 weeks</minAge><effectiveDate>20160101</effectiveDate></age>
<interval/>
<interval><fromPrevious>N</fromPrevious><fromMostRecent>3; 21</fromMostRecent><minInt>8 weeks</minInt><intervalPriority>override</intervalPriority></interval>
<allowableInterval/>
<preferableVaccine><vaccineType>IPV</vaccineType><cvx>10</cvx><volume>0.5</volume><forecastVaccineType>Y</forecastVaccineType></preferableVaccine>
<allowableVaccine/>
<inadvertentVaccine><vaccineType>OPV</vaccineType><cvx>2</cvx></inadvertentVaccine>
<conditionalSkip><context>Both</context><setLogic>n/a</setLogic><set><setID>1</setID><setDescription>a sentence</setDescription>
<conditionLogic/><condition><conditionID>1</conditionID><conditionType>Vaccine Count By Age</conditionType><beginAge>7 years</beginAge>
<doseCount>0</doseCount><doseType>valid</doseType><doseCountLogic>Greater Than</doseCountLogic><vaccineTypes>n/a</vaccineTypes></condition></set></conditionalSkip>
<recurringDose>No</recurringDose>
<seasonalRecommendation/>
</seriesDose>
</series>
</antigenSupportingData>
`;
