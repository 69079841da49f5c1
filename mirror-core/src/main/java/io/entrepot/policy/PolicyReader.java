package io.entrepot.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.text.Glob;
import io.entrepot.text.TimeSpan;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.Signer;
import io.entrepot.trust.keyless.TrustedRoot;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Certificates;
import io.entrepot.trust.material.VerificationKey;
import io.entrepot.trust.notation.DistinguishedName;
import io.entrepot.yaml.YamlDocument;
import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Reads a {@code policy.yaml}, strictly: every mistake is reported with its line, all together. A
 * policy that is not understood to the last word would let pass what its author meant to stop.
 */
public final class PolicyReader {

  private static final String SUBJECT = "x509.subject:";

  private final YamlDocument document;
  private final Path directory;
  private final Consumer<Path> files;
  private Optional<TrustedRoot> trustedRoot = Optional.empty();

  private PolicyReader(YamlDocument document, Path directory, Consumer<Path> files) {
    this.document = document;
    this.directory = directory;
    this.files = files;
  }

  /**
   * Reads a document.
   *
   * @param directory from which the keys' paths are followed
   * @throws io.entrepot.yaml.ConfigException with everything that is wrong
   */
  public static Policy read(YamlDocument document, Path directory) {
    return read(document, directory, file -> {});
  }

  /**
   * As {@link #read(YamlDocument, Path)}.
   *
   * @param files is told of each file that the document names, such as keys, also of missing ones
   */
  public static Policy read(YamlDocument document, Path directory, Consumer<Path> files) {
    return new PolicyReader(document, directory, files).read();
  }

  private Policy read() {
    YamlProperties file =
        document
            .root()
            .properties("minAge", "rules", "deny", "admit", "trustedRoot", "hook", "hookTimeout");
    trustedRoot =
        file.find("trustedRoot")
            .flatMap(value -> loaded(value, TrustedRoot.MAX_BYTES, TrustedRoot::of));
    Duration minAge = file.find("minAge").flatMap(PolicyReader::age).orElse(Duration.ZERO);
    List<PolicyRule> rules = new ArrayList<>();
    file.find("rules")
        .ifPresent(list -> list.items().forEach(item -> rule(item).ifPresent(rules::add)));
    Map<Digest, String> denied = new LinkedHashMap<>();
    file.find("deny").ifPresent(list -> list.items().forEach(item -> deny(item, denied)));
    Map<Digest, Admission> admitted = new LinkedHashMap<>();
    file.find("admit").ifPresent(list -> list.items().forEach(item -> admit(item, admitted)));
    Optional<Hook> hook = hook(file);
    document.finish();
    return new Policy(document.file(), minAge, rules, denied, admitted, hook);
  }

  private Optional<PolicyRule> rule(YamlValue value) {
    YamlProperties rule =
        value.properties("match", "minAge", "signedBy", "attestations", "unsigned", "deny");
    Optional<Glob> match =
        rule.require("match").flatMap(pattern -> pattern.parsed(PolicyReader::match));
    Optional<Duration> minAge = rule.find("minAge").flatMap(PolicyReader::age);
    Optional<Demand> demand = demand(rule);
    return match.flatMap(
        pattern -> demand.map(asked -> new PolicyRule(pattern, minAge, asked, value.position())));
  }

  private Optional<Demand> demand(YamlProperties rule) {
    List<String> given =
        List.of("signedBy", "unsigned", "deny").stream().filter(rule::has).toList();
    if (given.size() > 1) {
      rule.owner().problem(String.join(" and ", given) + " contradict each other");
      return Optional.empty();
    }
    if (rule.has("attestations") && !rule.has("signedBy")) {
      rule.owner()
          .problem("attestations need signedBy: one that nobody is named for proves nothing");
      return Optional.empty();
    }
    if (rule.has("unsigned")) {
      return reason(rule, "unsigned").map(Demand.Unsigned::new);
    }
    if (rule.has("deny")) {
      return reason(rule, "deny").map(Demand.Denied::new);
    }
    return rule.has("signedBy") ? signedBy(rule) : Optional.of(new Demand.Nothing());
  }

  private Optional<Demand> signedBy(YamlProperties rule) {
    List<Signer> signers = new ArrayList<>();
    List<YamlValue> listed = rule.find("signedBy").map(YamlValue::items).orElse(List.of());
    listed.forEach(item -> signer(item).ifPresent(signers::add));
    List<String> attestations = new ArrayList<>();
    rule.find("attestations")
        .ifPresent(list -> list.items().forEach(item -> filled(item).ifPresent(attestations::add)));
    if (listed.isEmpty()) {
      rule.find("signedBy").ifPresent(list -> list.problem("names nobody, so nothing could pass"));
    }
    return signers.isEmpty()
        ? Optional.empty()
        : Optional.of(new Demand.SignedBy(new SignaturePolicy(signers, attestations)));
  }

  private Optional<Signer> signer(YamlValue value) {
    YamlProperties signer = value.properties("key", "keyless", "notation");
    List<String> given =
        List.of("key", "keyless", "notation").stream().filter(signer::has).toList();
    if (given.size() != 1) {
      value.problem("needs one of key, keyless and notation");
      return Optional.empty();
    }
    return switch (given.getFirst()) {
      case "key" -> signer.find("key").flatMap(this::key);
      case "keyless" -> signer.find("keyless").flatMap(this::keyless);
      default -> signer.find("notation").flatMap(this::notation);
    };
  }

  private Optional<Signer> key(YamlValue value) {
    return loaded(
            value,
            Certificates.MAX_PEM_BYTES,
            bytes -> VerificationKey.ofPem(new String(bytes, UTF_8)))
        .flatMap(key -> filled(value).map(name -> new Signer.OfKey(name, key)));
  }

  private Optional<Signer> keyless(YamlValue value) {
    YamlProperties keyless = value.properties("issuer", "identity");
    Optional<String> issuer = keyless.require("issuer").flatMap(PolicyReader::filled);
    Optional<Glob> identity =
        keyless.require("identity").flatMap(PolicyReader::filled).map(Glob::ofParts);
    if (!document.root().has("trustedRoot")) {
      value.problem("needs `trustedRoot:` at the top of the file: a sigstore trusted_root.json");
    }
    return issuer.flatMap(
        from ->
            identity.flatMap(who -> trustedRoot.map(root -> new Signer.Keyless(from, who, root))));
  }

  private Optional<Signer> notation(YamlValue value) {
    YamlProperties notation = value.properties("ca", "identity");
    Optional<X509Certificate> root =
        notation
            .require("ca")
            .flatMap(file -> loaded(file, Certificates.MAX_PEM_BYTES, PolicyReader::authority));
    Optional<DistinguishedName> subject =
        notation.require("identity").flatMap(text -> text.parsed(PolicyReader::subject));
    return root.flatMap(ca -> subject.map(name -> new Signer.Notation(ca, name)));
  }

  private static X509Certificate authority(byte[] bytes) {
    List<X509Certificate> found = Certificates.parsePem(new String(bytes, UTF_8));
    if (found.size() != 1) {
      throw new BrokenSignatureException(
          "%d certificates; the root alone is needed".formatted(found.size()));
    }
    return found.getFirst();
  }

  private static DistinguishedName subject(String text) {
    if (!text.startsWith(SUBJECT)) {
      throw new IllegalArgumentException(
          "expected '%s C=…, O=…, CN=…', found '%s'".formatted(SUBJECT, text));
    }
    try {
      return DistinguishedName.parse(text.substring(SUBJECT.length()).strip());
    } catch (BrokenSignatureException e) {
      throw new IllegalArgumentException(e.reason(), e);
    }
  }

  private static void deny(YamlValue value, Map<Digest, String> denied) {
    YamlProperties entry = value.properties("digest", "reason");
    Optional<Digest> digest = entry.require("digest").flatMap(text -> text.parsed(Digest::parse));
    Optional<String> reason = reason(entry, "reason");
    digest.ifPresent(
        found -> {
          if (denied.put(found, reason.orElse("")) != null) {
            value.problem("denies %s a second time".formatted(found));
          }
        });
  }

  private static void admit(YamlValue value, Map<Digest, Admission> admitted) {
    YamlProperties entry = value.properties("digest", "reason", "until");
    Optional<Digest> digest = entry.require("digest").flatMap(text -> text.parsed(Digest::parse));
    Optional<String> reason = reason(entry, "reason");
    Optional<LocalDate> until =
        entry.require("until").flatMap(text -> text.parsed(PolicyReader::day));
    if (digest.isPresent() && reason.isPresent() && until.isPresent()) {
      Admission admission =
          new Admission(digest.get(), reason.get(), until.get(), value.position());
      if (admitted.put(digest.get(), admission) != null) {
        value.problem("admits %s a second time".formatted(digest.get()));
      }
    }
  }

  private Optional<Hook> hook(YamlProperties file) {
    Optional<Duration> timeout = file.find("hookTimeout").flatMap(PolicyReader::age);
    if (!file.has("hook")) {
      file.find("hookTimeout").ifPresent(value -> value.problem("there is no hook to wait for"));
      return Optional.empty();
    }
    List<String> command = new ArrayList<>();
    file.find("hook")
        .ifPresent(list -> list.items().forEach(item -> filled(item).ifPresent(command::add)));
    if (command.isEmpty()) {
      file.find("hook").ifPresent(value -> value.problem("names no program"));
      return Optional.empty();
    }
    return Optional.of(new Hook(command, timeout.orElse(Hook.USUAL_TIMEOUT), directory));
  }

  /** A pattern for registry and repository; it must begin with a registry, or it fits nothing. */
  private static Glob match(String text) {
    int slash = text.indexOf('/');
    String registry = slash < 0 ? text : text.substring(0, slash);
    boolean any = registry.chars().allMatch(c -> c == '*');
    if (!registry.isEmpty() && (any || RegistryName.isHost(registry))) {
      return Glob.ofParts(text);
    }
    throw new IllegalArgumentException(
        "'%s' begins with no registry, so it fits nothing; write docker.io/%s for images of Docker Hub"
            .formatted(text, text));
  }

  private static Optional<Duration> age(YamlValue value) {
    return value.parsed(
        text -> {
          if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException(
                "a time without a unit: '%s' (for example 72h, 3d)".formatted(text));
          }
          return TimeSpan.parse(text);
        });
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "not a day: '%s' (for example 2027-01-31)".formatted(text), e);
    }
  }

  private static Optional<String> reason(YamlProperties parent, String key) {
    return parent.require(key).flatMap(PolicyReader::filled);
  }

  private static Optional<String> filled(YamlValue value) {
    Optional<String> text = value.text();
    if (text.isPresent() && text.get().isBlank()) {
      value.problem("is empty");
      return Optional.empty();
    }
    return text;
  }

  /** What a file holds that the value names. */
  private <T> Optional<T> loaded(YamlValue value, int most, Function<byte[], T> parser) {
    Optional<Path> file = filled(value).map(directory::resolve);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    files.accept(file.get());
    try (InputStream in = Files.newInputStream(file.get())) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        value.problem("%s is larger than %d bytes".formatted(file.get(), most));
        return Optional.empty();
      }
      return Optional.of(parser.apply(bytes));
    } catch (NoSuchFileException e) {
      value.problem("there is no file " + file.get());
    } catch (IOException e) {
      value.problem("%s cannot be read: %s".formatted(file.get(), e.getMessage()));
    } catch (BrokenSignatureException e) {
      value.problem("%s: %s".formatted(file.get(), e.reason()));
    }
    return Optional.empty();
  }
}
