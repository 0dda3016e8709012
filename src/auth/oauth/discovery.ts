import type { AuthServer } from '../auth-server.ts';
import { assertionAlgorithms } from '../clients/jwks.ts';

const clientAuthentication = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];

/** SMART App Launch 2, conformance: what is said here works. */
const capabilities = [
  'launch-ehr',
  'launch-standalone',
  'authorize-post',
  'client-public',
  'client-confidential-symmetric',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-banner',
  'context-style',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-standalone-patient',
  'permission-offline',
  'permission-online',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
  'health-cards',
];

const scopes = [
  'openid',
  'fhirUser',
  'launch',
  'launch/patient',
  'offline_access',
  'online_access',
  'patient/*.rs',
  'patient/*.cruds',
  'patient/*.read',
  'patient/Patient.rs',
  'patient/Immunization.rs',
  'patient/ImmunizationRecommendation.rs',
  'user/*.rs',
  'user/*.cruds',
  'user/*.read',
  'user/Patient.rs',
  'user/Immunization.cruds',
  'system/*.rs',
  'system/*.cruds',
  'system/*.read',
];

function endpoints({ issuer }: AuthServer) {
  return {
    authorization_endpoint: `${issuer}/auth/authorize`,
    token_endpoint: `${issuer}/auth/token`,
    introspection_endpoint: `${issuer}/auth/introspect`,
    revocation_endpoint: `${issuer}/auth/revoke`,
    jwks_uri: `${issuer}/auth/jwks`,
  };
}

function shared(server: AuthServer) {
  return {
    issuer: server.issuer,
    ...endpoints(server),
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: scopes,
    token_endpoint_auth_methods_supported: [...clientAuthentication, 'none'],
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    authorization_response_iss_parameter_supported: true,
  };
}

/** SMART App Launch 2, `.well-known/smart-configuration`. */
export function smartConfiguration(server: AuthServer): object {
  return { ...shared(server), management_endpoint: `${server.issuer}/app`, capabilities };
}

/** OpenID Connect Discovery 1.0, 3. */
export function openidConfiguration(server: AuthServer): object {
  return {
    ...shared(server),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'fhirUser', 'profile'],
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  };
}

/** SMART App Launch 2, `smart_style_url`: how an app may look like the pages that opened it. */
export const smartStyle = {
  color_background: '#f5f7f8',
  color_error: '#98191c',
  color_highlight: '#0a5c66',
  color_modal_backdrop: '#16212b',
  color_success: '#17653a',
  color_text: '#16212b',
  dim_border_radius: '8px',
  dim_font_size: '16px',
  dim_spacing_size: '16px',
  font_family_body: 'system-ui, sans-serif',
  font_family_heading: 'system-ui, sans-serif',
} as const;
