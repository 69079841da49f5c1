package io.entrepot.gate;

/** A finding that an entry of {@code allow:} accepts. */
public record Waived(Finding finding, Waiver waiver) {

  /** Why it is accepted. */
  public String reason() {
    return waiver.reason();
  }
}
