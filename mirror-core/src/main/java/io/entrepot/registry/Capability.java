package io.entrepot.registry;

/** What an endpoint is trusted to answer. */
public enum Capability {
  /** Content by digest, which is verified here. */
  PULL,
  /** Which digest a tag means; cannot be verified, so it is a matter of trust. */
  RESOLVE,
  /** Taking content. */
  PUSH,
  /** Listing what refers to a digest. */
  REFERRERS
}
