package io.entrepot.gate;

import io.entrepot.render.KubernetesObject;
import io.entrepot.text.FilePosition;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one rule finds, each thing once. One thread at a time. */
public final class Findings {

  private final Rule rule;
  private final Set<Finding> findings = new LinkedHashSet<>();
  private final Set<Skipped> skipped = new LinkedHashSet<>();

  Findings(Rule rule) {
    this.rule = rule;
  }

  /** Refuses something of no object, with a remedy of its own. */
  public void refuse(
      String target, @Nullable FilePosition position, String message, String remedy) {
    findings.add(new Finding(rule, target, position, null, null, message, remedy));
  }

  /** Refuses something of no object. */
  public void refuse(String target, @Nullable FilePosition position, String message) {
    refuse(target, position, message, rule.remedy());
  }

  /** Refuses something of an object. */
  public void refuse(
      KubernetesObject object,
      @Nullable FilePosition position,
      @Nullable String image,
      String message) {
    refuse(object, position, image, message, rule.remedy());
  }

  /** Refuses something of an object, with a remedy of its own. */
  public void refuse(
      KubernetesObject object,
      @Nullable FilePosition position,
      @Nullable String image,
      String message,
      String remedy) {
    findings.add(
        new Finding(
            rule,
            object.origin().target(),
            position,
            ObjectName.of(object),
            image,
            message,
            remedy));
  }

  /**
   * Refuses something of an object that has one cause with others: they are told as one.
   *
   * @param cause what they have in common
   */
  public void refuseTogether(
      String cause,
      KubernetesObject object,
      @Nullable FilePosition position,
      String message,
      String remedy) {
    findings.add(
        new Finding(
            rule,
            object.origin().target(),
            position,
            ObjectName.of(object),
            null,
            message,
            remedy,
            cause,
            List.of(),
            Severity.ERROR));
  }

  /** Refuses an image. */
  public void refuse(ImageUse use, String message) {
    refuse(use, message, rule.remedy());
  }

  /** Refuses an image, with a remedy of its own. */
  public void refuse(ImageUse use, String message, String remedy) {
    findings.add(
        new Finding(
            rule,
            use.target(),
            use.position().get(),
            use.objectName(),
            use.reference().toString(),
            message,
            remedy));
  }

  /** Says that something was not judged, and what would make it possible. */
  public void skip(String target, @Nullable FilePosition position, String what, String why) {
    skipped.add(new Skipped(rule, target, position, null, what, why));
  }

  /** Says that something has not to be judged now; the check does not fail for it. */
  public void mention(String target, @Nullable FilePosition position, String what, String why) {
    skipped.add(new Skipped(rule, target, position, null, what, why, Severity.WARNING));
  }

  /** Says that something of an object was not judged, and what would make it possible. */
  public void skip(
      KubernetesObject object, @Nullable FilePosition position, String what, String why) {
    skipped.add(
        new Skipped(rule, object.origin().target(), position, ObjectName.of(object), what, why));
  }

  /** Says that an image was not judged, and what would make it possible. */
  public void skip(ImageUse use, String why) {
    // Finding the line in values costs a search, and the image is named anyway.
    FilePosition position = use.object() == null ? use.position().get() : null;
    skipped.add(
        new Skipped(
            rule, use.target(), position, use.objectName(), use.reference().toString(), why));
  }

  List<Finding> found() {
    return new ArrayList<>(findings);
  }

  List<Skipped> skipped() {
    return new ArrayList<>(skipped);
  }
}
