/** Where a detection looks: a field or component of a segment, of the observation with a LOINC code, or a segment. */
export type Place = {
  readonly segment: string;
  readonly observation?: string | undefined;
  readonly field?: number | undefined;
  readonly component?: number | undefined;
};

/** `PID-5.2`, `OBX[64994-7]-5`, `NK1`. */
export function parsePlace(text: string): Place | undefined {
  const [, segment, observation, field, component] =
    /^([A-Z][A-Z\d]{2})(?:\[([\d-]+)\])?(?:-(\d+)(?:\.(\d+))?)?$/.exec(text) ?? [];
  if (segment === undefined) return undefined;
  return {
    segment,
    observation,
    field: field === undefined ? undefined : Number(field),
    component: component === undefined ? undefined : Number(component),
  };
}
