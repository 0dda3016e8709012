import { describe, expect, it } from 'vitest';
import { Problem } from '../../../src/fhir/problem.ts';
import { matchRequest } from '../../../src/request/match-request.ts';

function refusal(method: string, path: string): readonly unknown[] {
  try {
    return ['found', matchRequest(method, path, 'not-found').name];
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return [thrown.status, thrown.message.split(' ').slice(0, 6).join(' ')];
  }
}

describe('what a method on a path is', () => {
  it.each`
    method      | path                         | target
    ${'GET'}    | ${'metadata'}                | ${{ name: 'capabilities' }}
    ${'POST'}   | ${''}                        | ${{ name: 'bundle' }}
    ${'GET'}    | ${'/'}                       | ${{ name: 'search-system' }}
    ${'POST'}   | ${'_search'}                 | ${{ name: 'search-system' }}
    ${'GET'}    | ${'_history'}                | ${{ name: 'history-system' }}
    ${'GET'}    | ${'$meta'}                   | ${{ name: 'operation', code: 'meta' }}
    ${'GET'}    | ${'Patient'}                 | ${{ name: 'search-type', type: 'Patient' }}
    ${'POST'}   | ${'Patient/'}                | ${{ name: 'create', type: 'Patient' }}
    ${'PUT'}    | ${'Patient'}                 | ${{ name: 'conditional-update', type: 'Patient' }}
    ${'PATCH'}  | ${'Patient'}                 | ${{ name: 'conditional-patch', type: 'Patient' }}
    ${'DELETE'} | ${'Patient'}                 | ${{ name: 'conditional-delete', type: 'Patient' }}
    ${'POST'}   | ${'Patient/_search'}         | ${{ name: 'search-type', type: 'Patient' }}
    ${'GET'}    | ${'Patient/_history'}        | ${{ name: 'history-type', type: 'Patient' }}
    ${'POST'}   | ${'Patient/$validate'}       | ${{ name: 'operation', code: 'validate', type: 'Patient' }}
    ${'HEAD'}   | ${'//Patient//a'}            | ${{ name: 'read', type: 'Patient', id: 'a' }}
    ${'PUT'}    | ${'Patient/a'}               | ${{ name: 'update', type: 'Patient', id: 'a' }}
    ${'PATCH'}  | ${'Patient/a'}               | ${{ name: 'patch', type: 'Patient', id: 'a' }}
    ${'DELETE'} | ${'Patient/a'}               | ${{ name: 'delete', type: 'Patient', id: 'a' }}
    ${'GET'}    | ${'Patient/a/_history'}      | ${{ name: 'history-instance', type: 'Patient', id: 'a' }}
    ${'GET'}    | ${'Patient/a/_history/2'}    | ${{ name: 'vread', type: 'Patient', id: 'a', version: '2' }}
    ${'GET'}    | ${'Patient/a/%24everything'} | ${{ name: 'operation', code: 'everything', type: 'Patient', id: 'a' }}
    ${'GET'}    | ${'Patient/a/*'}             | ${{ name: 'compartment', id: 'a' }}
    ${'GET'}    | ${'Patient/a/Immunization'}  | ${{ name: 'compartment', id: 'a', type: 'Immunization' }}
  `('$method $path', ({ method, path, target }) => {
    expect(matchRequest(method, path, 'not-found')).toEqual(target);
  });
});

describe('what there is not', () => {
  it.each`
    method      | path                   | answer
    ${'GET'}    | ${'Nothing'}           | ${[404, 'This server has no resource type']}
    ${'GET'}    | ${'Nothing/a'}         | ${[404, 'This server has no resource type']}
    ${'GET'}    | ${'Patient/a/Nothing'} | ${[404, 'This server has no resource type']}
    ${'GET'}    | ${'Patient/a_b'}       | ${[404, '"a_b" is not a FHIR id:']}
    ${'GET'}    | ${'Group/a/Patient'}   | ${[404, 'Group has no compartment here; only']}
    ${'GET'}    | ${'Patient/a/b/c/d'}   | ${[404, 'There is nothing at this URL']}
    ${'POST'}   | ${'Patient/a'}         | ${[405, 'POST is not possible here; GET,']}
    ${'PUT'}    | ${'metadata'}          | ${[405, 'PUT is not possible here; GET,']}
    ${'DELETE'} | ${'Patient/$validate'} | ${[405, 'DELETE is not possible here; GET,']}
    ${'GET'}    | ${'Patient/%'}         | ${[400, 'The path of the URL cannot']}
  `('$method $path', ({ method, path, answer }) => {
    expect(refusal(method, path)).toEqual(answer);
  });

  it('is wrong content where the caller says so', () => {
    expect(() => matchRequest('GET', 'Patient/a_b', 'invalid-content')).toThrow(
      expect.objectContaining({ kind: 'invalid-content' }),
    );
  });
});
