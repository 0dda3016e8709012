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
      return { system: ids.systemId(value.system), code: value.code, text: '', low: 0, high: 0 };
    case 'text':
      return { system: 0, code: '', text: value.folded, low: 0, high: 0 };
    case 'string':
      return { system: 0, code: value.original, text: value.folded, low: 0, high: 0 };
    case 'reference':
      return { system: ids.typeId(value.type), code: value.id, text: '', low: 0, high: 0 };
    case 'uri':
      return { system: 0, code: value.version, text: value.uri, low: 0, high: 0 };
    case 'date':
      return { system: 0, code: '', text: '', low: value.first, high: value.last };
    case 'quantity': {
      const { low, high, code, unit } = value;
      return { system: ids.systemId(value.system), code, text: unit, low, high };
    }
    case 'present':
      return empty;
  }
}
