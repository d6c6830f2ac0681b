import { started } from './global-setup';
import { removeTemplate } from './test-cluster';
import { announcedCluster } from './test-environment';

/** Ends the run's own server; on a server that was only lent, removes what the run has created. */
export default async function globalTeardown(): Promise<void> {
  const server = started.ringonceServer;
  if (server) await server.stop();
  else await removeTemplate(announcedCluster());
}
