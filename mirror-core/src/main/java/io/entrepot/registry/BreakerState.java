package io.entrepot.registry;

/** How an endpoint of several has fared lately. */
public enum BreakerState {
  /** It is asked in its place. */
  CLOSED,
  /** Its rest is over: the next request tries it. */
  HALF_OPEN,
  /** It failed several times in a row, or said nothing, and is asked after all others. */
  OPEN
}
