// Opens a SMART Health Link. The key is in the fragment, which no browser sends: what is read is decrypted here.

type Payload = {
  readonly url: string;
  readonly key: string;
  readonly flag?: string;
  readonly label?: string;
};
type LinkFile = { readonly contentType: string; readonly embedded?: string; readonly location?: string };
type Json = Readonly<Record<string, unknown>>;

const root = document.getElementById('link');
if (root) start(root);

function start(at: HTMLElement): void {
  const payload = readPayload(location.hash);
  const form = at.querySelector('form');
  // Only links of this registry are opened: others are none of its business.
  if (!payload || !form || !payload.url.startsWith(`${location.origin}/health-links/`)) {
    say(at, 'wrong');
    return;
  }
  const needsPasscode = (payload.flag ?? '').includes('P');
  at.querySelector('[data-passcode]')?.toggleAttribute('hidden', !needsPasscode);
  at.querySelector('[data-form]')?.removeAttribute('hidden');
  // The other language is of the same link.
  for (const other of document.querySelectorAll<HTMLAnchorElement>('a[hreflang]')) other.hash = location.hash;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    const recipient = String(fields.get('recipient'));
    const passcode = needsPasscode ? String(fields.get('passcode')) : undefined;
    open(payload, { recipient, passcode }).then(
      (files) => show(at, files),
      (failure: unknown) => say(at, failure instanceof Refused ? failure.message : 'failed'),
    );
  });
}

class Refused extends Error {}

function readPayload(hash: string): Payload | undefined {
  try {
    const text = /shlink:\/([\w-]+)/.exec(hash)?.[1] ?? '';
    const value = JSON.parse(new TextDecoder().decode(bytesOf(text))) as Partial<Payload>;
    return typeof value.url === 'string' && typeof value.key === 'string' ? (value as Payload) : undefined;
  } catch {
    return undefined;
  }
}

type Asked = { readonly recipient: string; readonly passcode: string | undefined };

async function open(
  { url, key, flag = '' }: Payload,
  { recipient, passcode }: Asked,
): Promise<readonly string[]> {
  if (flag.includes('U')) {
    const answer = await fetch(`${url}?recipient=${encodeURIComponent(recipient)}`);
    requireGood(answer);
    return [await decrypted(await answer.text(), key)];
  }
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ recipient, passcode }) });
  requireGood(answer);
  const { files } = (await answer.json()) as { readonly files: readonly LinkFile[] };
  return Promise.all(
    files.map(async ({ embedded, location: at = '' }) => decrypted(embedded ?? (await textAt(at)), key)),
  );
}

async function textAt(url: string): Promise<string> {
  const answer = await fetch(url);
  requireGood(answer);
  return answer.text();
}

function requireGood({ ok, status }: Response): void {
  if (!ok) throw new Refused(status === 401 ? 'passcode' : 'over');
}

/** A compact JWE: `dir`, A256GCM, deflated. */
async function decrypted(jwe: string, key: string): Promise<string> {
  const [header = '', , iv = '', body = '', tag = ''] = jwe.split('.');
  const secret = await crypto.subtle.importKey('raw', bytesOf(key), 'AES-GCM', false, ['decrypt']);
  const sealed = new Uint8Array([...bytesOf(body), ...bytesOf(tag)]);
  const additionalData = new TextEncoder().encode(header);
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: bytesOf(iv), additionalData },
    secret,
    sealed,
  );
  return inflated(new Uint8Array(plain));
}

function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).text();
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** A text of the page, by its name. */
function say(at: HTMLElement, what: string): void {
  for (const text of at.querySelectorAll<HTMLElement>('[data-say]'))
    text.hidden = text.dataset['say'] !== what;
}

/** The person and the doses; of signed cards those that they hold. */
async function show(at: HTMLElement, files: readonly string[]): Promise<void> {
  const bundles = await Promise.all(files.map((text) => bundlesIn(JSON.parse(text) as Json)));
  // The record tells more than the cards; one of them is shown.
  const shown = bundles.flat().toSorted((a, b) => b.length - a.length)[0] ?? [];
  const person = shown.find(({ resourceType }) => resourceType === 'Patient');
  const doses = shown.filter(({ resourceType }) => resourceType === 'Immunization');
  const [name] = (person?.['name'] ?? []) as readonly {
    readonly given?: readonly string[];
    readonly family?: string;
  }[];
  fill(at, 'name', [...(name?.given ?? []), name?.family ?? ''].join(' ').trim());
  fill(at, 'born', dayOf(at, person?.['birthDate']));
  at.querySelector('tbody')?.replaceChildren(...doses.map((dose) => toRow(at, dose)));
  say(at, 'shown');
  at.querySelector('form')?.remove();
}

type Resource = Json & { readonly resourceType: string };

async function bundlesIn(file: Json): Promise<readonly (readonly Resource[])[]> {
  const cards = file['verifiableCredential'];
  if (!Array.isArray(cards)) return [resourcesIn(file)];
  const all = await Promise.all(cards.map((card) => cardContent(String(card))));
  // Each card has the person, and a part of the doses.
  return [all.flat()];
}

async function cardContent(card: string): Promise<readonly Resource[]> {
  const payload = JSON.parse(await inflated(bytesOf(card.split('.')[1] ?? ''))) as {
    readonly vc: { readonly credentialSubject: { readonly fhirBundle: Json } };
  };
  return resourcesIn(payload.vc.credentialSubject.fhirBundle);
}

function resourcesIn(bundle: Json): readonly Resource[] {
  const entries = (bundle['entry'] ?? []) as readonly { readonly resource: Resource }[];
  return entries.map(({ resource }) => resource);
}

function fill(at: HTMLElement, what: string, text: string): void {
  const element = at.querySelector(`[data-fill="${what}"]`);
  if (element) element.textContent = text;
}

type Coding = { readonly system?: string; readonly code?: string; readonly display?: string };
type Performer = { readonly actor?: { readonly display?: string } };

function toRow(at: HTMLElement, dose: Resource): HTMLElement {
  const row = document.createElement('tr');
  const { words, isForeign } = vaccineOf(at, dose);
  const performers = (dose['performer'] ?? []) as readonly Performer[];
  const by = performers.find(({ actor }) => actor?.display !== undefined)?.actor?.display ?? '';
  for (const said of [dayOf(at, dose['occurrenceDateTime']), words, String(dose['lotNumber'] ?? ''), by]) {
    const cell = document.createElement('td');
    cell.textContent = said;
    if (said === words && isForeign) cell.lang = 'en';
    row.append(cell);
  }
  return row;
}

/** A vaccine that the page knows: its CVX code, its name as records have it, and in the language of the page. */
type Known = readonly [cvx: string, name: string, words?: string];

/** As the record calls it, else by its code, in the language of the page where it has a name there. */
function vaccineOf(at: HTMLElement, dose: Resource): { readonly words: string; readonly isForeign: boolean } {
  const { coding = [], text } = (dose['vaccineCode'] ?? {}) as {
    readonly coding?: readonly Coding[];
    readonly text?: string;
  };
  const all = JSON.parse(at.dataset['vaccines'] ?? '[]') as readonly Known[];
  const codes = new Set(coding.map(({ code }) => code));
  const known = all.find(([cvx]) => codes.has(cvx));
  const named = coding.find(({ display }) => display !== undefined);
  const said = text ?? named?.display ?? known?.[1];
  if (said === undefined) return { words: `CVX ${coding[0]?.code ?? ''}`, isForeign: false };
  const isEnglish = document.documentElement.lang === 'en';
  const [, name = '', words] = known ?? [];
  // What stands behind the name is a trade name.
  if (isEnglish || words === undefined || !`${said} (`.startsWith(`${name} (`))
    return { words: said, isForeign: !isEnglish };
  return { words: words + said.slice(name.length), isForeign: false };
}

/** As the page writes days; no finer than it is known. */
function dayOf(at: HTMLElement, value: unknown): string {
  const text = String(value ?? '').slice(0, 10);
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const word = at.dataset['months']?.split(',')[Number(month) - 1];
  if (word === undefined) return text;
  const pattern = at.dataset['day'] ?? '';
  return pattern
    .replace('{day}', String(Number(day)))
    .replace('{month}', word)
    .replace('{year}', year);
}
