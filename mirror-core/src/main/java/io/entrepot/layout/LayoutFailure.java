package io.entrepot.layout;

import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** What is wrong with a layout, in the words of a registry's failures: it stands in for one. */
final class LayoutFailure {

  private LayoutFailure() {}

  /** A member that must not be believed. */
  static RegistryException refused(String layout, String member, String problem) {
    return RegistryException.of(ErrorCode.MANIFEST_INVALID, layout, member + " " + problem)
        .withRemedy("make the layout again, or fetch it again: it is not as it was written");
  }

  /** Bytes that are not what their name says. */
  static RegistryException corrupt(String layout, String member, String problem) {
    return RegistryException.of(ErrorCode.DIGEST_INVALID, layout, member + " " + problem)
        .withRemedy("fetch or make the layout again; nothing was tagged with it");
  }

  /** Something that is not in the layout. */
  static RegistryException absent(ErrorCode code, String layout, String what) {
    return RegistryException.of(code, layout, "it has no " + what).withStatus(404);
  }

  /** The file system's word. */
  static RegistryException io(String layout, IOException e) {
    String problem =
        switch (e) {
          case NoSuchFileException none -> "no such file or directory: " + none.getFile();
          case AccessDeniedException denied ->
              "not allowed by the file system: " + denied.getFile();
          default -> e.getClass().getSimpleName() + ": " + e.getMessage();
        };
    return RegistryException.of(ErrorCode.UNKNOWN, layout, problem).withCause(e);
  }
}
