package io.entrepot.verify;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RawManifest;
import io.entrepot.verify.Problem.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what is found of an image while it is verified. For one thread at a time. */
final class ProblemLog {

  private final ImageReference name;
  private final List<PlatformFinding> findings = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  ProblemLog(ImageReference name) {
    this.name = name;
  }

  /** An empty one for the same image. */
  ProblemLog another() {
    return new ProblemLog(name);
  }

  void addAll(ProblemLog other) {
    findings.addAll(other.findings);
    problems.addAll(other.problems);
    notes.addAll(other.notes);
  }

  Verification verification(RawManifest root) {
    return new Verification(name, root.digest(), findings, problems, notes);
  }

  /** The image's name, for messages. */
  ImageReference name() {
    return name;
  }

  /** How many problems so far. */
  int problems() {
    return problems.size();
  }

  /** Something odd that breaks nothing. */
  void note(String text) {
    notes.add(text);
  }

  void found(Platform platform, boolean present, List<String> evidence) {
    findings.add(new PlatformFinding(platform, present, evidence));
  }

  void tooLarge(String what) {
    problem(Kind.TOO_LARGE, null, null, what, "no real image is made so; do not use it");
  }

  void broken(@Nullable Platform wanted, Descriptor descriptor, String message) {
    problem(
        Kind.BROKEN_CONTENT,
        wanted,
        descriptor.digest(),
        message,
        "ask the publisher to push it again");
  }

  void absent(Platform platform, List<String> evidence) {
    found(platform, false, evidence);
  }

  void problem(
      Kind kind,
      @Nullable Platform platform,
      @Nullable Digest digest,
      String message,
      String remedy) {
    problems.add(new Problem(kind, name, platform, digest, message, remedy));
  }
}
