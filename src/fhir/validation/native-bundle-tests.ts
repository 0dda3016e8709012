import type { JsonObject } from '../fhir-json.ts';
import { areDistinct, has, objectsAt } from './element-presence.ts';
import type { InvariantTest } from './invariant-test.ts';
import { onObject } from './native-focus.ts';
import { isObject } from './run.ts';

const withRequests: readonly unknown[] = ['batch', 'transaction', 'history'];
const withResponses: readonly unknown[] = ['batch-response', 'transaction-response', 'history'];
const onlyIn = (name: string, types: readonly unknown[]) =>
  onObject((node) => !has(node, name) || types.includes(node['type']));
const inDocument = (test: (node: JsonObject) => boolean) =>
  onObject((node) => node['type'] !== 'document' || test(node));
const eachEntry = (name: string, types: readonly unknown[]) =>
  onObject(({ type, ...node }) =>
    objectsAt(node, 'entry').every((entry) => has(entry, name) === types.includes(type)),
  );

export const bundleTests: Readonly<Record<string, InvariantTest>> = {
  'bdl-1': onlyIn('total', ['searchset', 'history']),
  'bdl-2': onObject(
    (node) => node['type'] === 'searchset' || !objectsAt(node, 'entry').some((entry) => has(entry, 'search')),
  ),
  'bdl-3': eachEntry('request', withRequests),
  'bdl-4': eachEntry('response', withResponses),
  'bdl-5': onObject((node) => ['resource', 'request', 'response'].some((name) => has(node, name))),
  'bdl-7': onObject((node) => node['type'] === 'history' || hasDistinctUrls(node)),
  'bdl-8': onObject(({ fullUrl }) => typeof fullUrl !== 'string' || !fullUrl.includes('/_history/')),
  'bdl-9': inDocument((node) => {
    const [identifier] = objectsAt(node, 'identifier');
    return identifier !== undefined && has(identifier, 'system') && has(identifier, 'value');
  }),
  'bdl-10': inDocument((node) => has(node, 'timestamp')),
  'bdl-11': inDocument((node) => firstType(node) === 'Composition'),
  'bdl-12': onObject((node) => node['type'] !== 'message' || firstType(node) === 'MessageHeader'),
};

function hasDistinctUrls(node: JsonObject): boolean {
  const versions = objectsAt(node, 'entry').flatMap(({ fullUrl, resource }) => {
    if (typeof fullUrl !== 'string') return [];
    const meta = isObject(resource) && isObject(resource['meta']) ? resource['meta'] : {};
    return [`${fullUrl} ${meta['versionId'] ?? ''}`];
  });
  return areDistinct(versions);
}

function firstType(node: JsonObject): unknown {
  const [entry] = objectsAt(node, 'entry');
  return entry && isObject(entry['resource']) ? entry['resource']['resourceType'] : undefined;
}
