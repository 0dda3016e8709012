import { createResource } from '../../../src/interaction/create-resource.ts';
import { readPersonNamed } from '../../../src/web/person-reading.ts';
import { sitePage } from '../../../src/web/site/site-page.ts';

/** A page as anybody would add one. */
export const trial = sitePage({
  path: '/app/trial/:id',
  name: 'trial',
  roles: ['clinician', 'individual'],
  parse: ({ params, fields, typed }) => ({
    id: params['id'],
    text: typed?.get('text'),
    note: fields.get('q'),
  }),
  load: async ({ ctx, frame, notes }, { id, text, note }) => {
    const patient = await readPersonNamed(ctx, id);
    const kept = note === null ? undefined : await notes.read(note);
    return patient && { family: patient.name?.[0]?.family, text, kept, csrf: frame.csrf, here: frame.here };
  },
  view: (data) => ({
    title: 'Trial',
    content: (
      <form>
        <input type="hidden" name="csrf" value={data.csrf} />
        <code>{JSON.stringify(data)}</code>
      </form>
    ),
  }),
  post: async ({ ctx, fields, notes, params }) => {
    if (fields.get('fail') !== null) throw new Error('broken');
    if (fields.get('write') !== null) {
      const resource = {
        resourceType: 'Immunization',
        status: 'completed',
        vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
        occurrenceDateTime: '2026-01-02',
        patient: { reference: `Patient/${params['id']}` },
      };
      await createResource(ctx, { resource: resource as never, exactNumbers: false });
      return { kind: 'go', to: `/app/trial/${params['id']}` };
    }
    return { kind: 'go', to: `/app/trial/${params['id']}?q=${await notes.keep(fields.get('text'))}` };
  },
});
