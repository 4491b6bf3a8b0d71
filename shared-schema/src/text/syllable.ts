/**
 * Whether a word is spelled as a Vietnamese syllable: an onset, a rime, at most one tone. What text in
 * another encoding leaves behind (`NguyÔn`, `Vaên`) is none, and so is nearly every foreign word; that
 * is how garbled text is told from innocent text without a dictionary.
 */
const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/u));

const onset =
  /^(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?(?=[aăâeêioôơuưy])(?<rime>.+)$/u;

/** Without tones. */
const rimes = words(`
  a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
  e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
  i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
  o oc oi om on ong op ot oong oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt
  oe oen oeo oet ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
  u uc ui um un ung up ut ua uân uâng uât uây uê uêch uênh uôc uôi uôm uôn uông uôt
  uơ uy uya uych uyên uyêt uyn uynh uyp uyt uyu
  ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
  y ynh yt yêm yên yêng yêt yêu`);

const tones = /[\u0300\u0301\u0303\u0309\u0323]/gu;
/** The tones of syllables that end in c, ch, p or t: sắc and nặng. */
const stopped = /(?:c|ch|p|t)$/u;
const sharp = /[\u0301\u0323]/u;

/** In whatever letter case and composition. */
export function isSyllable(word: string): boolean {
  const parts = word.toLocaleLowerCase('vi').normalize('NFD');
  if ((parts.match(tones)?.length ?? 0) > 1) return false;
  const base = parts.replaceAll(tones, '').normalize('NFC');
  const rime = onset.exec(base)?.groups?.['rime'];
  // the onsets gi and qu end in a letter that a rime may begin with (gìn, quýt)
  const known = rime !== undefined && (rimes.has(rime) || rimes.has(base.replace(/^[gq]/u, '')));
  return known && (!stopped.test(base) || sharp.test(parts));
}
