import type { VNode } from 'preact';
import { outsideCompartment } from '../../access/roles.ts';
import { parseScope } from '../../access/scope.ts';
import type { ResourceType } from '../../fhir/resource-type.ts';
import type { ConsentPage } from '../../pages/auth-pages.ts';
import { isolate } from '../../values/direction-marks.ts';
import { bornOn, Verified } from '../app-parts.tsx';
import { FaultSummary, PostForm } from '../form-parts.tsx';
import { formatDate } from '../format-date.ts';
import type { View } from '../render-page.ts';
import {
  isReading,
  partTrees,
  type ScopeGroup,
  type ScopeTree,
  type ScopeWords,
  scopeGroups,
  treeOf,
  wordScope,
} from '../scope-words.ts';
import { type TextKey, type Translate, translateAround } from '../translate.ts';

/** Every scope has a box of its own, in words; what is not ticked is not granted. */
export const consentPage: View<ConsentPage> = (page, t) => {
  const { app, failure } = page;
  const key = titleKey(page);
  const names = { app: app.name, person: page.person?.name ?? '' };
  const word = (scope: string) => wordScope(page.language, t, scope);
  const trees = treeOf(page.scopes);
  const inGroup = (group: ScopeGroup) => trees.filter(({ scope }) => word(scope).group === group);
  return {
    title: t(key, names),
    narrow: true,
    failed: failure !== undefined,
    content: (
      <>
        {failure && <FaultSummary text={t(`consent.failure.${failure}`)} field="scope-1" t={t} />}
        <div class="page-head">
          <h1>
            {translateAround(page.language, key, {
              app: <strong>{names.app}</strong>,
              person: <strong>{names.person}</strong>,
            })}
          </h1>
          <p class="quiet">{t('consent.choose')}</p>
        </div>
        <Facts page={page} t={t} />
        <PostForm action="/auth/consent" csrf={page.csrf} hidden={page.hidden}>
          {scopeGroups.map((group) => (
            <Group key={group} group={group} trees={inGroup(group)} all={page} word={word} t={t} />
          ))}
          {page.canRemember && (
            <div class="choice">
              <input type="checkbox" name="remember" value="yes" id="remember" />
              <div class="choice-text">
                <label for="remember">{t('consent.remember')}</label>
              </div>
            </div>
          )}
          <div class="actions">
            <button class="button primary" type="submit" name="decision" value="allow">
              {t('consent.allow')}
            </button>
            <button class="button" type="submit" name="decision" value="deny">
              {t('consent.deny')}
            </button>
          </div>
          <p class="quiet small">{t('consent.stop-later')}</p>
        </PostForm>
      </>
    ),
  };
};

/** Names whose data is asked for, and what: no more than vaccines, or the record; to see it, or to change it too. */
function titleKey({ person, scopes }: ConsentPage): TextKey {
  const asked = scopes.flatMap(({ scope }) => {
    const one = parseScope(scope);
    return one?.kind === 'resource' ? [one] : [];
  });
  if (!person) return 'consent.title';
  if (asked.some(({ level }) => level !== 'patient')) return 'consent.title-beyond';
  const kinds = asked.filter(({ type }) => type === '*' || !isBeside(type));
  if (asked.length === 0) return 'consent.title-person';
  const what = kinds.length > 0 && kinds.every(({ type }) => isAboutVaccines(type)) ? 'vaccines' : 'record';
  return asked.every(isReading) ? `consent.title-${what}` : `consent.title-${what}-change`;
}

function isAboutVaccines(type: string): boolean {
  return type.startsWith('Immunization');
}

/** What comes with anything: who somebody is, and who works where. */
function isBeside(type: ResourceType): boolean {
  return type === 'Patient' || outsideCompartment.includes(type);
}

function Facts({ page, t }: { readonly page: ConsentPage; readonly t: Translate }): VNode {
  const { app, person, until } = page;
  return (
    <section class="card">
      <dl class="facts">
        <dt>{t('consent.app')}</dt>
        <dd>
          {app.name} <Verified app={app} t={t} />
          <p class="quiet small">{t(app.verified ? 'app.verified-hint' : 'app.not-verified-hint')}</p>
        </dd>
        <dt>{t('consent.goes-to')}</dt>
        <dd>{app.host}</dd>
        {person && (
          <>
            <dt>{t('consent.person')}</dt>
            <dd>{[isolate(person.name), bornOn(t, person)].filter(Boolean).join(' · ')}</dd>
          </>
        )}
        {until !== undefined && (
          <>
            <dt>{t('consent.until')}</dt>
            <dd>{formatDate(t, until)}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

type Word = (scope: string) => ScopeWords;

type GroupProps = {
  readonly group: ScopeGroup;
  readonly trees: readonly ScopeTree[];
  readonly all: ConsentPage;
  readonly word: Word;
  readonly t: Translate;
};

function Group({ group, trees, all, word, t }: GroupProps): VNode | null {
  if (trees.length === 0) return null;
  const { shown, rest } = partTrees(trees);
  return (
    <section class="card">
      <fieldset>
        <legend>
          <h2>{t(`scopes.${group}`)}</h2>
        </legend>
        <Boxes trees={shown} all={all} word={word} />
        {rest.length > 0 && (
          <details class="rest" open>
            <summary>{t('scopes.rest', { count: String(rest.length) })}</summary>
            <Boxes trees={rest} all={all} word={word} />
          </details>
        )}
      </fieldset>
    </section>
  );
}

type BoxesProps = Pick<GroupProps, 'trees' | 'all' | 'word'>;

function Boxes({ trees, all, word }: BoxesProps): VNode {
  return (
    <ul class="choices">
      {trees.map((tree) => (
        <li key={tree.scope}>
          <Box
            box={tree}
            nth={all.scopes.findIndex(({ scope }) => scope === tree.scope)}
            words={word(tree.scope)}
          />
          {tree.narrower.length > 0 && <Boxes trees={tree.narrower} all={all} word={word} />}
        </li>
      ))}
    </ul>
  );
}

type BoxProps = { readonly box: ScopeTree; readonly nth: number; readonly words: ScopeWords };

function Box({ box, nth, words: { words, notes } }: BoxProps): VNode {
  const id = `scope-${nth + 1}`;
  return (
    <div class="choice">
      <input
        type="checkbox"
        name="scope"
        value={box.scope}
        id={id}
        checked={box.checked}
        {...(notes.length > 0 && { 'aria-describedby': `${id}-notes` })}
      />
      <div class="choice-text">
        <label for={id}>{words}</label>
        {notes.length > 0 && (
          <span class="quiet small" id={`${id}-notes`}>
            {notes.join(' ')}
          </span>
        )}
        <code class="quiet">{box.scope}</code>
      </div>
    </div>
  );
}
