/**
 * Under this measure a unit says in its report of totals which versions it has taken of what the hub
 * publishes, so that a hub that was restored learns what it has lost. Versions are no counts: nothing
 * sums them.
 */
export const publishedFigure = 'published';

/** The key of the reach policy; the others are names of code lists. */
export const policyKey = 'policy';
