/** As far as both are known. */
export function isBeforeBirth(day: string, birthDate = ''): boolean {
  const length = Math.min(day.length, birthDate.length);
  return day.slice(0, length) < birthDate.slice(0, length);
}
