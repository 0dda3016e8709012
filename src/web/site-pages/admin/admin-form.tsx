import type { ComponentChildren, VNode } from 'preact';
import type { AdminExtra, AdminKind, AdminRow } from '../../../pages/admin-records.ts';
import { Field, PostForm } from '../../form-parts.tsx';
import { type Fault, faultAt } from '../../parts/faults.tsx';
import type { Drawing } from '../../site/site-page.ts';
import { type AdminField, fieldsOf } from './admin-kinds.ts';
import type { Choice } from './named.ts';
import { WhichOfThese } from './which-of-these.tsx';

/** What a form has in it: as it is kept, or as it was typed. */
export type AdminTyped = {
  readonly values: AdminRow['values'];
  readonly extra: AdminExtra;
  /** Names in the place of ids, of which somebody must say who is meant. */
  readonly choices?: readonly Choice[];
};

export function typedIn(fields: URLSearchParams, kind: AdminKind): AdminTyped {
  return {
    values: Object.fromEntries(fieldsOf[kind].map(({ name }) => [name, fields.get(name) ?? ''])),
    extra: {
      isDisabled: fields.has('disabled'),
      renews: fields.has('renew'),
      resetsCode: fields.has('reset-code'),
    },
  };
}

export const nothingTyped: AdminTyped = {
  values: {},
  extra: { isDisabled: false, renews: false, resetsCode: false },
};

type FormProps = {
  readonly kind: AdminKind;
  readonly action: string;
  /** Absent: it is made. */
  readonly row?: AdminRow | undefined;
  /** The id of a form that makes one, good once: who presses twice makes one. */
  readonly once?: string | undefined;
  readonly typed: AdminTyped;
  readonly faults: readonly Fault[];
  /** How those are called whom a field names. */
  readonly named?: Named | undefined;
  readonly drawing: Drawing;
};

export type Named = Readonly<Record<string, readonly string[]>>;

export function AdminForm({
  kind,
  action,
  row,
  once = '',
  typed,
  faults,
  named = {},
  drawing: { t, frame },
}: FormProps): VNode {
  const hidden = row ? { version: row.version } : { once };
  const fields = fieldsOf[kind].filter(({ isFixed }) => !row || !isFixed);
  const { choices = [], extra } = typed;
  const { isDisabled, renews, resetsCode } = extra;
  const renewWords = t(kind === 'users' ? 'admin.renew-password' : 'admin.renew-secret');
  return (
    <PostForm action={action} csrf={frame.csrf} hidden={hidden}>
      {fields.map((field) => (
        <OneField
          key={field.name}
          field={field}
          value={typed.values[field.name] ?? ''}
          fault={faultAt(faults, field.name)}
          named={named[field.name]}
          t={t}
        >
          {choices
            .filter((choice) => choice.field === field.name)
            .map((choice, nth) => (
              <WhichOfThese key={choice.text} choice={choice} nth={nth} t={t} />
            ))}
        </OneField>
      ))}
      <div class="choices">
        <Box name="disabled" isChecked={isDisabled} words={t(`admin.disabled-${kind}`)} />
        {row && (kind === 'users' || row.values['kind'] === 'secret') && (
          <Box name="renew" isChecked={renews} words={renewWords} />
        )}
        {row?.hasSecondFactor && (
          <Box name="reset-code" isChecked={resetsCode} words={t('admin.reset-code')} />
        )}
      </div>
      <div class="actions">
        <button class="button primary" type="submit">
          {t(row ? 'admin.save' : `admin.add-${kind}`)}
        </button>
        <a class="button" href={`/app/admin/${kind}`}>
          {t('admin.cancel')}
        </a>
      </div>
    </PostForm>
  );
}

type OneProps = {
  readonly field: AdminField;
  readonly value: string;
  readonly fault: string | undefined;
  readonly named: readonly string[] | undefined;
  readonly children: ComponentChildren;
  readonly t: Drawing['t'];
};

/** A field with what its ids are called, and with what is asked of it. */
function OneField({ named = [], children, ...field }: OneProps): VNode {
  return (
    <>
      <Control {...field} />
      {named.length > 0 && <p class="quiet small">{named.join(', ')}</p>}
      {children}
    </>
  );
}

type ControlProps = Omit<OneProps, 'named' | 'children'>;

function Control({ field: { name, label, hint, isList, options }, value, fault, t }: ControlProps): VNode {
  const words = { label: t(label), ...(hint && { hint: t(hint) }) };
  if (!options && !isList) {
    return (
      <Field name={name} {...words} fault={fault} input={{ value, autocomplete: 'off', spellcheck: false }} />
    );
  }
  const described = [hint && `${name}-hint`, fault && `${name}-fault`].filter(Boolean).join(' ');
  const control = {
    id: name,
    name,
    ...(described !== '' && { 'aria-describedby': described }),
    ...(fault && { 'aria-invalid': 'true' as const }),
  };
  return (
    <div class={fault ? 'field wrong' : 'field'}>
      <label for={name}>{words.label}</label>
      {words.hint && (
        <span class="quiet small" id={`${name}-hint`}>
          {words.hint}
        </span>
      )}
      {fault && (
        <span class="fault small" id={`${name}-fault`}>
          {fault}
        </span>
      )}
      {options ? (
        <select {...control}>
          {options(t).map(([option, shown]) => (
            <option key={option} value={option} selected={option === value}>
              {shown}
            </option>
          ))}
        </select>
      ) : (
        <textarea {...control} rows={Math.min(Math.max(value.split('\n').length, 2), 8)} spellcheck={false}>
          {value}
        </textarea>
      )}
    </div>
  );
}

type BoxProps = { readonly name: string; readonly isChecked: boolean; readonly words: string };

function Box({ name, isChecked, words }: BoxProps): VNode {
  return (
    <div class="choice">
      <input type="checkbox" id={name} name={name} value="yes" checked={isChecked} />
      <label for={name}>{words}</label>
    </div>
  );
}
