package io.entrepot.pin;

import io.entrepot.sites.LeftReason;
import java.util.List;

/**
 * What happens to all files.
 *
 * @param proof what rendering has shown of it
 */
public record PinPlan(List<FilePlan> files, Proof proof) {

  /** Copies. */
  public PinPlan {
    files = List.copyOf(files);
  }

  /** A plan that nothing was rendered for. */
  public PinPlan(List<FilePlan> files) {
    this(files, Proof.NONE);
  }

  /** The same plan with another proof. */
  public PinPlan with(Proof other) {
    return new PinPlan(files, other);
  }

  /** Every changed scalar, by file and line. */
  public List<SiteEdit> edits() {
    return files.stream().flatMap(file -> file.edits().stream()).toList();
  }

  /** Everything left, by file and line. */
  public List<Left> left() {
    return files.stream().flatMap(file -> file.left().stream()).toList();
  }

  /** Whether a registry's limit alone is why something was left. */
  public boolean postponed() {
    return blocked()
        && left().stream()
            .filter(left -> left.kind().blocks())
            .allMatch(left -> left.kind() == LeftReason.POSTPONED);
  }

  /** Whether something was left that somebody must see to. */
  public boolean blocked() {
    return left().stream().anyMatch(left -> left.kind().blocks());
  }
}
