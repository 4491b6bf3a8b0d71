// For tests: a small certificate authority made by node-forge alone, so that the node is tried
// against certificates that the hub's own code did not write. Not imported by the node itself.

import { generateKeyPairSync } from 'node:crypto';

import forge from 'node-forge';

const dayMs = 86_400_000;

export type KeyFixture = { readonly privatePem: string; readonly publicPem: string };

export type Issuer = KeyFixture & { readonly commonName: string; readonly certificatePem: string };

export type LeafPlan = {
  readonly commonName: string;
  readonly publicPem: string;
  readonly purpose?: 'serverAuth' | 'clientAuth';
  readonly hosts?: readonly string[];
  readonly notAfter?: Date;
};

/** 2048 bits: quicker to make, and nothing here depends on the strength. */
export function createKeyFixture(): KeyFixture {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { privatePem: pair.privateKey, publicPem: pair.publicKey };
}

export function createIssuer(commonName: string): Issuer {
  const key = createKeyFixture();
  const certificatePem = certify({ ...key, commonName }, { commonName, publicPem: key.publicPem }, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  return { ...key, commonName, certificatePem };
}

export function issueLeaf(issuer: Omit<Issuer, 'certificatePem'>, plan: LeafPlan): string {
  const { purpose = 'serverAuth', hosts = [] } = plan;
  return certify(issuer, plan, [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'extKeyUsage', [purpose]: true },
    { name: 'subjectAltName', altNames: hosts.map(altName) },
  ]);
}

function altName(host: string): { type: number; ip?: string; value?: string } {
  return /^[\d.]+$/u.test(host) ? { type: 7, ip: host } : { type: 2, value: host };
}

function certify(
  issuer: Omit<Issuer, 'certificatePem'>,
  plan: LeafPlan,
  extensions: readonly Record<string, unknown>[],
): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(plan.publicPem);
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(15))}`;
  certificate.validity.notBefore = new Date(Date.now() - 400 * dayMs);
  certificate.validity.notAfter = plan.notAfter ?? new Date(Date.now() + 400 * dayMs);
  certificate.setSubject([{ name: 'commonName', value: plan.commonName }]);
  certificate.setIssuer([{ name: 'commonName', value: issuer.commonName }]);
  certificate.setExtensions([...extensions]);
  certificate.sign(forge.pki.privateKeyFromPem(issuer.privatePem), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
