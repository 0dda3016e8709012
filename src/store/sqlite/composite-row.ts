import type { SimpleValue } from '../../search/index-values.ts';

/** The columns of composite_value, used by every kind of component in its own way. */
export type CompositeRow = {
  readonly system: number;
  readonly code: string;
  readonly text: string;
  readonly low: number;
  readonly high: number;
};

type Ids = {
  readonly systemId: (uri: string) => number;
  readonly typeId: (name: string) => number;
};

const empty: CompositeRow = { system: 0, code: '', text: '', low: 0, high: 0 };

export function compositeRow(value: SimpleValue, ids: Ids): CompositeRow {
  switch (value.kind) {
    case 'token':
      return { ...empty, system: ids.systemId(value.system), code: value.code };
    case 'text':
      return { ...empty, text: value.folded };
    case 'string':
      return { ...empty, text: value.folded, code: value.original };
    case 'reference':
      return { ...empty, system: ids.typeId(value.type), code: value.id };
    case 'uri':
      return { ...empty, text: value.uri, code: value.version };
    case 'date':
      return { ...empty, low: value.first, high: value.last };
    case 'quantity': {
      const { low, high, code, unit } = value;
      return { system: ids.systemId(value.system), code, text: unit, low, high };
    }
    case 'present':
      return empty;
  }
}
