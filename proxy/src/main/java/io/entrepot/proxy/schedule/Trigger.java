package io.entrepot.proxy.schedule;

import java.util.Locale;

/** Why a mirror runs. */
public enum Trigger {
  /** It is time. */
  SCHEDULE,
  /** An upstream said that something changed. */
  HOOK,
  /** The server started, and it never ran, was due meanwhile, or was interrupted. */
  START,
  /** Somebody asked for it. */
  VIA;

  /** The word in reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
