import { describe, expect, it } from 'vitest';
import type {
  GroupView,
  NotGivenView,
  RecordView,
  SeriesView,
  VaccineView,
} from '../../../src/registry/forecasting/record-view/record-view.ts';
import type { StatusCode } from '../../../src/registry/forecasting/vaccine-status.ts';
import { heldBack, optionsFor, preselected } from '../../../src/web/site-pages/patients/held-back.ts';

const mmr: VaccineView = { cvx: '03', name: 'MMR', groups: ['MMR'] };
const mmrv: VaccineView = { cvx: '94', name: 'MMRV', groups: ['MMR', 'Varicella'] };
const varicella: VaccineView = { cvx: '21', name: 'varicella', groups: ['Varicella'] };
const live = (vaccine: VaccineView): VaccineView => ({ ...vaccine, asks: 'immune-status' });

type Of = GroupView & { readonly shown: SeriesView };

const group = (name: string, vaccines: readonly VaccineView[], status: StatusCode = 'due'): Of => ({
  group: name,
  shown: { series: name, status, antigensNeeded: [], vaccines, contraindicated: [], because: [] },
  others: [],
  doses: [],
});

const exempt: NotGivenView = {
  id: 'n',
  groups: ['MMR'],
  vaccine: 'MMR',
  reason: 'RELIG',
  date: '2026-01-01',
};

const viewOf = (groups: readonly GroupView[], notGiven: readonly NotGivenView[] = []): RecordView => ({
  patient: { resourceType: 'Patient' },
  day: '2026-11-30',
  groups,
  notGiven,
  immuneConditions: [],
  facts: [],
});

describe('what is held back', () => {
  it('is what comes in no other way than with what is withheld, and can be chosen all the same', () => {
    const of = group('Varicella', [mmrv]);
    const view = viewOf([group('MMR', [mmr, mmrv]), of], [exempt]);
    expect(heldBack(view, of)).toEqual({ kind: 'only-with', groups: ['MMR'] });
    expect(optionsFor(view, of)).toEqual([mmrv]);
  });

  it('is not what has a vaccine of its own', () => {
    const of = group('Varicella', [mmrv, varicella]);
    const view = viewOf([group('MMR', [mmr, mmrv]), of], [exempt]);
    expect(heldBack(view, of)).toBeUndefined();
    expect(optionsFor(view, of)).toEqual([varicella]);
  });

  it('is chosen by itself by who gives it after all, and not with what else is withheld', () => {
    const of = group('MMR', [mmr, mmrv]);
    const alone = viewOf([of, group('Varicella', [varicella])], [exempt]);
    expect(optionsFor(alone, of)).toEqual([mmr, mmrv]);
    const both = viewOf([of, group('Varicella', [varicella])], [{ ...exempt, groups: ['MMR', 'Varicella'] }]);
    expect(optionsFor(both, of)).toEqual([mmr]);
  });

  it('is a live vaccine that asks first, unless there is another', () => {
    const only = group('Varicella', [live(varicella), live(mmrv)]);
    expect(heldBack(viewOf([only]), only)).toEqual({ kind: 'immune-status' });
    const mixed = group('Varicella', [live(mmrv), varicella]);
    expect(heldBack(viewOf([mixed]), mixed)).toBeUndefined();
  });

  it('is nothing that is not proposed anyway', () => {
    const later = group('Varicella', [live(varicella)], 'later');
    expect(heldBack(viewOf([later]), later)).toBeUndefined();
    const none = group('Varicella', []);
    expect(heldBack(viewOf([none]), none)).toBeUndefined();
  });
});

describe('the vaccine that is chosen unless somebody chooses another', () => {
  it('is that of the plan, else the first of which nothing must be asked', () => {
    expect(preselected([mmr, mmrv], ['94'])).toBe(mmrv);
    expect(preselected([mmr, mmrv], ['21'])).toBe(mmr);
    expect(preselected([live(mmrv), varicella], [])).toBe(varicella);
    expect(preselected([live(mmrv)], [])?.cvx).toBe('94');
  });

  it('is none where the dose goes by the weight', () => {
    expect(preselected([{ ...mmr, asks: 'weight' }, mmrv], [])).toBeUndefined();
    expect(preselected([mmr, { ...mmrv, asks: 'weight' }], ['94'])).toBeUndefined();
  });
});
