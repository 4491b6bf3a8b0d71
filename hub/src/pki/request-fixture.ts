// For tests: signing requests written and signed by node-forge alone, so that what judges them is
// tried on requests that another program made. Not imported by the hub itself.

import type { KeyObject } from 'node:crypto';

import { privateKeyToPem, publicKeyToPem } from '@lienthong/shared-schema/runtime/signature.ts';
import forge from 'node-forge';

export type RequestFixture = {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly subject: readonly { readonly name: string; readonly value: string }[];
  readonly digest?: 'sha1' | 'sha256';
};

export function forgeRequest(fixture: RequestFixture): string {
  const request = forge.pki.createCertificationRequest();
  request.publicKey = forge.pki.publicKeyFromPem(publicKeyToPem(fixture.publicKey));
  request.setSubject(fixture.subject.map((entry) => ({ ...entry })));
  request.sign(
    forge.pki.privateKeyFromPem(privateKeyToPem(fixture.privateKey)),
    fixture.digest === 'sha1' ? forge.md.sha1.create() : forge.md.sha256.create(),
  );
  return forge.pki.certificationRequestToPem(request);
}
