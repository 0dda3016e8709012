import type { ComponentChildren, InputHTMLAttributes, VNode } from 'preact';
import { Icon } from './icon.tsx';
import type { Translate } from './translate.ts';

type PostFormProps = {
  readonly action: string;
  readonly csrf: string;
  readonly hidden?: Readonly<Record<string, string>>;
  readonly children: ComponentChildren;
};

/** A form that changes something. Without `novalidate` the browser's own bubbles, in its language, would come first. */
export function PostForm({ action, csrf, hidden = {}, children }: PostFormProps): VNode {
  return (
    <form method="post" action={action} novalidate>
      <input type="hidden" name="csrf" value={csrf} />
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
    </form>
  );
}

type FieldProps = {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly fault?: string | undefined;
  readonly input?: InputHTMLAttributes;
};

/** One text field; its name is its id too, so that the summary of faults can link to it. */
export function Field({ name, label, hint, fault, input = {} }: FieldProps): VNode {
  const described = [hint && `${name}-hint`, fault && `${name}-fault`].filter(Boolean).join(' ');
  return (
    <div class={fault ? 'field wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && (
        <span class="quiet small" id={`${name}-hint`}>
          {hint}
        </span>
      )}
      {fault && (
        <span class="fault small" id={`${name}-fault`}>
          {fault}
        </span>
      )}
      <input
        type="text"
        id={name}
        name={name}
        {...(described !== '' && { 'aria-describedby': described })}
        {...(fault && { 'aria-invalid': 'true' })}
        {...input}
      />
    </div>
  );
}

/** What must be put right, first on the page and focused: `field` is the id of where. */
export function FaultSummary({
  text,
  field,
  t,
}: {
  readonly text: string;
  readonly field?: string;
  readonly t: Translate;
}): VNode {
  return (
    <div class="notice bad" role="alert" tabIndex={-1} autofocus>
      <Icon of="alert" />
      <div>
        <h2>{t('summary.title')}</h2>
        <p>{field === undefined ? text : <a href={`#${field}`}>{text}</a>}</p>
      </div>
    </div>
  );
}

const noticeLooks = {
  good: { look: 'notice good', icon: 'check' },
  plain: { look: 'notice', icon: 'clock' },
  warn: { look: 'notice warn', icon: 'alert' },
} as const;

/** Something was done, or is to be known. */
export function Notice({
  kind,
  children,
}: {
  readonly kind: keyof typeof noticeLooks;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div class={noticeLooks[kind].look} role="status">
      <Icon of={noticeLooks[kind].icon} />
      <div>{children}</div>
    </div>
  );
}
