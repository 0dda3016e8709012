import type { Epoch } from '../epoch.ts';
import { type Client, originsOf } from './client.ts';
import type { Clients } from './client-records.ts';

/** Whether pages of the origin are some registered app's. */
export type RegisteredOrigins = (origin: string) => Promise<boolean>;

/** Asked before it is known which app asks (CORS preflight); read anew when clients have changed. */
export function openRegisteredOrigins(clients: Clients, epoch: Epoch): RegisteredOrigins {
  let known: { readonly epoch: string; readonly origins: ReadonlySet<string> } | undefined;
  return async (origin) => {
    const present = await epoch.present();
    if (known?.epoch !== present) {
      const all: readonly Client[] = await clients.list();
      known = { epoch: present, origins: new Set(all.filter((one) => !one.disabled).flatMap(originsOf)) };
    }
    return known.origins.has(origin);
  };
}
