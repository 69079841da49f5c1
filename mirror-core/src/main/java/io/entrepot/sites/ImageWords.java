package io.entrepot.sites;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What names and values tell about being an image. */
public final class ImageWords {

  private static final Pattern IMAGE_KEY =
      Pattern.compile(
          "image|[a-z0-9]+image|[A-Za-z0-9]*Image|[A-Za-z0-9_.-]*[-_.]image|[A-Z0-9_]*IMAGE(?:_URL|_REF|_NAME|_TAG)?"
              + "|[A-Z0-9_]*_IMAGE_[A-Z0-9_]+"
              + "|(?:[A-Za-z0-9]*[iI])mage(?:Name|Ref|Reference|URI|Url|URL|Uri|Path)|image[_-](?:name|ref|url|uri)"
              + "|[a-z0-9-]+_image_[a-z0-9_]+");
  private static final Pattern MACHINE_IMAGE =
      Pattern.compile(
          "(?i)vmImage|.*(?:ami|disk|os|base_os|boot|machine|amazon)Image|background-?image");
  private static final Pattern KNOWN_REGISTRY =
      Pattern.compile(
          "(?:docker\\.io|index\\.docker\\.io|registry-1\\.docker\\.io|ghcr\\.io|quay\\.io|k8s\\.gcr\\.io"
              + "|(?:[a-z]+\\.)?gcr\\.io|registry\\.[a-z0-9.-]+\\.[a-z]+|[a-z0-9-]+-docker\\.pkg\\.dev"
              + "|public\\.ecr\\.aws|mcr\\.microsoft\\.com|[a-z0-9]+\\.azurecr\\.io|nvcr\\.io|cgr\\.dev|lscr\\.io"
              + "|[0-9]+\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(?:\\.cn)?|docker\\.elastic\\.co|icr\\.io|gitea\\.[a-z.]+"
              + "|oci\\.[a-z0-9.]+|xpkg\\.[a-z0-9.]+)/.+");
  private static final Pattern PLACEHOLDER =
      Pattern.compile(
          "\\{\\{|\\$\\{|\\$\\(|\\$[A-Za-z_]|###|<[A-Za-z][^<>]*>|__[A-Za-z_]+__|\\{[A-Za-z_]+\\}|%[A-Z_]+%|@[A-Z_]{3,}@");
  private static final Pattern PICTURE =
      Pattern.compile("(?i).*\\.(?:png|jpe?g|svg|gif|webp|ico|bmp|qcow2|iso|img|vmdk|raw|ova|pdf)");

  private static final Pattern ADDRESS =
      Pattern.compile("(?=[^:]*\\.[^:])[A-Za-z0-9.-]++:[0-9]{1,5}|localhost:[0-9]+");

  /** What a container or something like one has beside its image. */
  private static final Set<String> CONTAINER_KEYS =
      Set.of(
          "command",
          "args",
          "ports",
          "env",
          "envFrom",
          "resources",
          "volumeMounts",
          "imagePullPolicy",
          "pullPolicy",
          "securityContext",
          "livenessProbe",
          "readinessProbe",
          "restartPolicy",
          "entrypoint",
          "container_name",
          "depends_on",
          "environment",
          "volumes",
          "networks",
          "imagePullSecrets",
          "workingDir",
          "script",
          "stage",
          "healthcheck",
          "replicas");

  private static final Set<String> CONTAINER_LISTS =
      Set.of(
          "containers",
          "initContainers",
          "ephemeralContainers",
          "services",
          "sidecars",
          "extraContainers",
          "extraInitContainers",
          "sidecarContainers",
          "container",
          "steps");

  private ImageWords() {}

  private static final String IMAGES = "images";

  private static final int LONGEST_KEY = 200;

  /** Whether a key's name says that its value is an image. */
  public static boolean imageKey(String key) {
    if (key.length() > LONGEST_KEY) {
      return false;
    }
    // Of an annotation's key the part behind its domain counts.
    String last = key.substring(key.lastIndexOf('/') + 1);
    return IMAGE_KEY.matcher(last).matches() && !MACHINE_IMAGE.matcher(last).matches();
  }

  /** Whether a key may be the parent of a map that is an image. */
  public static boolean imageParent(String key) {
    return key.regionMatches(true, key.length() - 5, "image", 0, 5) || key.equals("images");
  }

  public static boolean containerList(String key) {
    return CONTAINER_LISTS.contains(key);
  }

  public static boolean containerKey(String key) {
    return CONTAINER_KEYS.contains(key);
  }

  public static boolean templated(String value) {
    return PLACEHOLDER.matcher(value).find();
  }

  public static boolean picture(String value) {
    return PICTURE.matcher(value).matches();
  }

  public static boolean url(String value) {
    return value.contains("://") || value.startsWith("git@");
  }

  /** Whether the value begins with a registry that everybody knows. */
  public static boolean knownRegistry(String value) {
    return KNOWN_REGISTRY.matcher(value).matches();
  }

  /** A reference with a tag or digest in a registry that everybody knows. */
  public static boolean unmistakable(String value) {
    return knownRegistry(value)
        && reference(value).filter(r -> r.tag() != null || r.digest() != null).isPresent();
  }

  /** The text without the slashes at its end. */
  public static String withoutLastSlashes(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '/') {
      end--;
    }
    return text.substring(0, end);
  }

  public static Optional<ImageReference> reference(String value) {
    try {
      return Optional.of(ImageReference.parse(value));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /**
   * An unknown host with a port that reads like a tag is no image; {@code a.b:80} is an address.
   */
  public static boolean address(String value) {
    return ADDRESS.matcher(value).matches();
  }

  /** Whether a value is an image when its key says so: with tag, digest or at least a registry. */
  public static boolean acceptable(String value) {
    return !url(value)
        && !address(value)
        && reference(value)
            .filter(r -> r.tag() != null || r.digest() != null || RegistryName.beginsName(value))
            .isPresent();
  }

  /** The same with a tag or digest. */
  public static boolean chosen(String value) {
    return acceptable(value)
        && reference(value).filter(r -> r.tag() != null || r.digest() != null).isPresent();
  }

  /** Whether a value is a reference without tag and digest. */
  public static boolean bare(String value) {
    return reference(value).filter(r -> r.tag() == null && r.digest() == null).isPresent();
  }

  /** Whether a list under this key is one of images. */
  public static boolean imageList(String key) {
    return key.regionMatches(true, key.length() - IMAGES.length(), IMAGES, 0, IMAGES.length());
  }
}
