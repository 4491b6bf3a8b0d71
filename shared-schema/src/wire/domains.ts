/** Signature domains: a signature made for one kind of message never fits another. */
export const domains = {
  hello: 'lienthong.hello',
  batch: 'lienthong.batch',
  receipt: 'lienthong.receipt',
  progress: 'lienthong.progress',
  feed: 'lienthong.feed',
  digest: 'lienthong.digest',
  verification: 'lienthong.verification',
  verificationReceipt: 'lienthong.verification-receipt',
  totals: 'lienthong.totals',
  totalsReceipt: 'lienthong.totals-receipt',
  checkpoint: 'lienthong.checkpoint',
  policy: 'lienthong.policy',
  codeList: 'lienthong.code-list',
  bundle: 'lienthong.bundle',
  enrolment: 'lienthong.enrolment',
} as const;
