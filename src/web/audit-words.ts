import { parseTextKey, type Translate } from './translate.ts';

/** What a row of the audit tells of, in words; what has none stands as it is. */
export function interactionWords(t: Translate, what: string): string {
  const name = (begins: RegExp) => begins.exec(what)?.[1];
  const [page, operation] = [name(/^page[- ](.+)$/), name(/^operation \$?(.+)$/)];
  if (page !== undefined) return t('audit-what.page', { page: ownWords(t, `audit-page.${page}`) ?? page });
  if (operation !== undefined) {
    return ownWords(t, `audit-what.op-${operation}`) ?? t('audit-what.operation', { name: operation });
  }
  const [message, hook] = [name(/^HL7 v2 (.+)$/), name(/^CDS Hooks (.+)$/)];
  if (message !== undefined) return t('audit-what.hl7', { name: message });
  if (hook !== undefined) return t('audit-what.cds', { name: hook });
  return ownWords(t, `audit-what.${what}`) ?? what;
}

function ownWords(t: Translate, code: string): string | undefined {
  const key = parseTextKey(code.replaceAll(' ', '-'));
  return key && t(key);
}

/** A purpose has a text; a reason that somebody typed is shown as it was typed. */
export function reasonWords(t: Translate, why: string): string {
  const key = parseTextKey(`why.${why}`);
  return key ? t(key) : why;
}

/** Who has no account: commands, and links that were handed out. */
export function actorWords(t: Translate, who: string): string {
  if (who.startsWith('cli:')) return t('seen.operator');
  return who.startsWith('health-link:') ? t('seen.link') : who;
}
