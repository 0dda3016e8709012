/** The code system of what a Task of the registry asks for; nobody else writes such a Task. */
export const taskSystem = 'https://jenner-iis.org/fhir/CodeSystem/task';
