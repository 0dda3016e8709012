export const ndcSystem = 'http://hl7.org/fhir/sid/ndc';

/**
 * An NDC as labeler-product-package of 5-4-2 digits. Labels write ten digits (4-4-2, 5-3-2, 5-4-1), claims eleven
 * without hyphens; ten digits without hyphens fit three codes, so they are left as they are.
 */
export function toNdc11(code: string): string {
  const plain = /^(\d{5})(\d{4})(\d{2})$/.exec(code);
  if (plain) return `${plain[1]}-${plain[2]}-${plain[3]}`;
  const parts = /^(\d{4,5})-(\d{3,4})-(\d{1,2})$/.exec(code);
  if (!parts) return code;
  const [, labeler = '', product = '', packaging = ''] = parts;
  return `${labeler.padStart(5, '0')}-${product.padStart(4, '0')}-${packaging.padStart(2, '0')}`;
}

/** The codes of eleven digits that a text may stand for: ten digits without hyphens fit three. */
export function ndcsMeantBy(code: string): readonly string[] {
  if (!/^\d{10}$/.test(code)) return [toNdc11(code)];
  const cut = (labeler: number, product: number) =>
    toNdc11(
      `${code.slice(0, labeler)}-${code.slice(labeler, labeler + product)}-${code.slice(labeler + product)}`,
    );
  return [cut(4, 4), cut(5, 3), cut(5, 4)];
}

/** All ways in which records may write the NDC that `toNdc11` answers. */
export function formsOfNdc(code: string): readonly string[] {
  const parts = /^(\d{5})-(\d{4})-(\d{2})$/.exec(code);
  if (!parts) return [code];
  const [, labeler = '', product = '', packaging = ''] = parts;
  const forms = [code, `${labeler}${product}${packaging}`];
  if (labeler.startsWith('0')) forms.push(`${labeler.slice(1)}-${product}-${packaging}`);
  if (product.startsWith('0')) forms.push(`${labeler}-${product.slice(1)}-${packaging}`);
  if (packaging.startsWith('0')) forms.push(`${labeler}-${product}-${packaging.slice(1)}`);
  return forms;
}
