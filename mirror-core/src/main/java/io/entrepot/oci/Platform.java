package io.entrepot.oci;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An operating system and a processor, as an index entry or an image configuration states them
 * (image-spec 1.1, image-index.md): what differs in any of the five is another platform.
 *
 * <p>Names are normalised as containerd does: {@code x86_64} is {@code amd64}, {@code aarch64} is
 * {@code arm64}, the variant {@code v8} of arm64 and {@code v1} of amd64 are the defaults and left
 * out, {@code arm} without variant is {@code v7}.
 *
 * @param osVersion any text: {@code 10.0.20348.2227} of Windows, {@code macOS 13.0} of Homebrew
 * @param osFeatures sorted; {@code win32k} and the like
 */
public record Platform(
    String os,
    String architecture,
    @Nullable String variant,
    @Nullable String osVersion,
    List<String> osFeatures)
    implements Comparable<Platform> {

  /** What BuildKit writes into the index entry of an attestation. */
  private static final String UNKNOWN = "unknown";

  private static final int MAX_TEXT = 256;

  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  /** Normalises and validates each part. */
  public Platform {
    os = normalOs(part("operating system", os));
    String givenVariant = variant == null || variant.isEmpty() ? null : part("variant", variant);
    String givenArchitecture = part("architecture", architecture).toLowerCase(Locale.ROOT);
    architecture = normalArchitecture(givenArchitecture);
    variant = normalVariant(givenArchitecture, architecture, givenVariant);
    osVersion = osVersion == null || osVersion.isEmpty() ? null : text("os.version", osVersion);
    osFeatures =
        osFeatures.stream().map(each -> text("os.features", each)).distinct().sorted().toList();
  }

  /** A platform that asks for no features of its operating system. */
  public Platform(
      String os, String architecture, @Nullable String variant, @Nullable String osVersion) {
    this(os, architecture, variant, osVersion, List.of());
  }

  /** A platform without an operating system version. */
  public static Platform of(String os, String architecture, @Nullable String variant) {
    return new Platform(os, architecture, variant, null);
  }

  /**
   * Parses {@code os/architecture[/variant]}.
   *
   * @throws MalformedException for any other form
   */
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw new MalformedException(
          ("not a platform: '%s' (expected os/architecture or os/architecture/variant, for example"
                  + " linux/arm64)")
              .formatted(MalformedException.printable(text)));
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : null, null);
  }

  /** The pair {@code unknown/unknown}, by which attestation entries say that they are no image. */
  public boolean isUnknown() {
    return os.equals(UNKNOWN) && architecture.equals(UNKNOWN);
  }

  /**
   * Whether an image for this platform serves a node that asks for {@code wanted}.
   *
   * <p>Not symmetric: a processor runs what was built for its own variant and for older ones
   * ({@code arm/v7} runs {@code arm/v6}, {@code amd64/v3} runs {@code amd64}). The operating
   * system's version and features are compared only when wanted.
   */
  public boolean satisfies(Platform wanted) {
    if (!os.equals(wanted.os) || !architecture.equals(wanted.architecture)) {
      return false;
    }
    if (wanted.osVersion != null && !wanted.osVersion.equals(osVersion)) {
      return false;
    }
    if (!osFeatures.containsAll(wanted.osFeatures)) {
      return false;
    }
    int have = generation(architecture, variant);
    int want = generation(architecture, wanted.variant);
    boolean ordered = have >= 0 && want >= 0;
    return ordered ? have <= want : Objects.equals(variant, wanted.variant);
  }

  @Override
  public int compareTo(Platform other) {
    int order = toString().compareTo(other.toString());
    return order != 0 ? order : details().compareTo(other.details());
  }

  private String details() {
    return (osVersion == null ? "" : osVersion) + " " + String.join(",", osFeatures);
  }

  /** As {@link #toString}, with the operating system's version and features where there are any. */
  public String label() {
    String details = details().strip();
    return details.isEmpty() ? toString() : this + " (" + details + ")";
  }

  /** {@code os/architecture[/variant]}, without the operating system's version. */
  @Override
  public String toString() {
    return os + "/" + architecture + (variant == null ? "" : "/" + variant);
  }

  /** The number in a variant where variants of the architecture are ordered, else -1. */
  private static int generation(String architecture, @Nullable String variant) {
    int baseline =
        switch (architecture) {
          case "amd64" -> 1;
          case "arm64" -> 8;
          case "arm" -> 7;
          default -> -1;
        };
    if (baseline < 0 || variant == null) {
      return baseline;
    }
    return variant.matches("v[0-9]") ? variant.charAt(1) - '0' : -1;
  }

  private static String part(String what, String text) {
    if (!PART.matcher(text).matches()) {
      throw new MalformedException(
          "not a platform's %s: '%s'".formatted(what, MalformedException.printable(text)));
    }
    return text;
  }

  private static String text(String what, String text) {
    if (text.length() > MAX_TEXT || text.chars().anyMatch(Character::isISOControl)) {
      throw new MalformedException(
          "not a platform's %s: '%s'".formatted(what, MalformedException.printable(text)));
    }
    return text;
  }

  private static String normalOs(String os) {
    String lower = os.toLowerCase(Locale.ROOT);
    return lower.equals("macos") ? "darwin" : lower;
  }

  private static String normalArchitecture(String architecture) {
    return switch (architecture) {
      case "i386", "i486", "i586", "i686", "x86" -> "386";
      case "x86_64", "x86-64" -> "amd64";
      case "aarch64" -> "arm64";
      case "armhf", "armel" -> "arm";
      default -> architecture;
    };
  }

  private static @Nullable String normalVariant(
      String given, String architecture, @Nullable String variant) {
    String lower = variant == null ? null : variant.toLowerCase(Locale.ROOT);
    return switch (architecture) {
      case "arm64" -> lower == null || lower.equals("v8") || lower.equals("8") ? null : lower;
      case "amd64" -> lower == null || lower.equals("v1") ? null : lower;
      case "arm" -> {
        if (given.equals("armel")) {
          yield "v6";
        }
        yield switch (lower) {
          case null -> "v7";
          case "5", "6", "7", "8" -> "v" + lower;
          default -> lower;
        };
      }
      default -> lower;
    };
  }
}
