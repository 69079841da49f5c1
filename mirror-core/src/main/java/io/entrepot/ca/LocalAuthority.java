package io.entrepot.ca;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority of one machine: a root with a P-256 key that lives for ten years and may
 * vouch for local names only, and leafs that live for 397 days. It lies in a directory as {@code
 * ca.pem} and {@code ca.key}.
 */
public final class LocalAuthority {

  /** The root's file in the directory. */
  public static final String ROOT = "ca.pem";

  private static final String KEY = "ca.key";
  private static final Duration ROOT_LIFE = Duration.ofDays(3650);
  private static final Duration LEAF_LIFE = Duration.ofDays(397);

  /** Clocks of clients may be behind ours. */
  private static final Duration EARLIER = Duration.ofHours(1);

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path directory;
  private final X509Certificate root;
  private final KeyPair keys;
  private final PermittedNames permitted;

  private LocalAuthority(Path directory, X509Certificate root, KeyPair keys) {
    this.directory = directory;
    this.root = root;
    this.keys = keys;
    this.permitted = PermittedNames.of(root);
  }

  /**
   * Makes a root.
   *
   * @param permit names and networks beside the local ones
   * @throws CaException where any part of one is there already: nothing is touched then
   */
  public static LocalAuthority init(Path directory, Collection<String> permit, Instant now) {
    PermittedNames names = PermittedNames.localAnd(permit);
    return locked(
        directory,
        () -> {
          for (String part : List.of(ROOT, KEY)) {
            if (Files.exists(directory.resolve(part))) {
              throw new CaException(
                  "there is %s already; nothing was touched. Clients may trust it: remove it only together with their trust (entrepot ca trust --undo)"
                      .formatted(directory.resolve(part)));
            }
          }
          return make(directory, names, now);
        });
  }

  /**
   * Reads the root.
   *
   * @throws CaException where it is missing, or its key does not fit
   */
  public static LocalAuthority open(Path directory) {
    Path file = directory.resolve(ROOT);
    if (!Files.exists(file)) {
      throw new CaException("there is no %s; entrepot ca init makes a root".formatted(file));
    }
    X509Certificate root =
        CaFiles.certificate(file)
            .orElseThrow(() -> new CaException("%s is no certificate in PEM".formatted(file)));
    KeyPair keys =
        CaFiles.key(directory.resolve(KEY), root)
            .orElseThrow(
                () ->
                    new CaException(
                        "%s is missing, cannot be read or is not the key of %s"
                            .formatted(directory.resolve(KEY), file)));
    return new LocalAuthority(directory, root, keys);
  }

  /** Reads the root, and makes it where no part of it is there. */
  public static LocalAuthority openOrInit(Path directory, Instant now) {
    return locked(
        directory,
        () ->
            Files.exists(directory.resolve(ROOT)) || Files.exists(directory.resolve(KEY))
                ? open(directory)
                : make(directory, PermittedNames.localAnd(List.of()), now));
  }

  private static LocalAuthority make(Path directory, PermittedNames names, Instant now)
      throws Exception {
    KeyPair keys = generate();
    X500Name name = new X500Name("O=Entrepot, CN=Entrepot local CA");
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            serial(),
            Date.from(now.minus(EARLIER)),
            Date.from(now.plus(ROOT_LIFE)),
            name,
            keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    builder.addExtension(Extension.nameConstraints, true, names.asExtension());
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
    X509Certificate root = signed(builder, keys);
    CaFiles.makeDirectory(directory);
    CaFiles.writeKey(directory.resolve(KEY), keys.getPrivate());
    CaFiles.writeCertificate(directory.resolve(ROOT), root);
    return new LocalAuthority(directory, root, keys);
  }

  /** Where it lies. */
  public Path directory() {
    return directory;
  }

  /** The root's certificate. */
  public X509Certificate root() {
    return root;
  }

  /** Whether it may vouch for a host: a name, {@code *.name} or an address. */
  public boolean permits(String host) {
    return permitted.permit(host);
  }

  /**
   * Issues a certificate with a new key, as {@code cert.pem} and {@code key.pem}.
   *
   * @param hosts names and addresses, at least one
   * @throws CaException for a host that the root forbids
   */
  public X509Certificate issue(Collection<String> hosts, Path into, Instant now) {
    return guarded(
        () -> {
          KeyPair fresh = generate();
          X509Certificate leaf = certify(hosts, fresh, now);
          Files.createDirectories(into);
          CaFiles.writeKey(into.resolve("key.pem"), fresh.getPrivate());
          CaFiles.writeCertificate(into.resolve("cert.pem"), leaf);
          return leaf;
        });
  }

  X509Certificate certify(Collection<String> hosts, KeyPair subject, Instant now) throws Exception {
    for (String host : hosts) {
      PermittedNames.subject(host);
      if (!permits(host)) {
        throw new CaException(
            "the root in %s may not vouch for %s; one that may is made in another directory by: entrepot ca init --dir DIR --permit %s"
                .formatted(directory, host, host));
      }
    }
    Instant end = now.plus(LEAF_LIFE);
    Instant last = root.getNotAfter().toInstant();
    if (!now.isBefore(last)) {
      throw new CaException(
          "the root in %s ended at %s; move it away and make a new one: entrepot ca init"
              .formatted(directory, last));
    }
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            root,
            serial(),
            Date.from(now.minus(EARLIER)),
            Date.from(end.isBefore(last) ? end : last),
            // No common name: clients that look at one hold it against the constraints.
            new X500Name("O=Entrepot"),
            subject.getPublic());
    JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(
        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            hosts.stream().distinct().map(PermittedNames::subject).toArray(GeneralName[]::new)));
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        identifiers.createSubjectKeyIdentifier(subject.getPublic()));
    builder.addExtension(
        Extension.authorityKeyIdentifier, false, identifiers.createAuthorityKeyIdentifier(root));
    return signed(builder, keys);
  }

  static KeyPair generate() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, KeyPair by)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    byte[] der =
        builder
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate()))
            .getEncoded();
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new java.io.ByteArrayInputStream(der));
  }

  /** Positive and at most 20 bytes long (RFC 5280, 4.1.2.2). */
  private static BigInteger serial() {
    return new BigInteger(126, RANDOM).add(BigInteger.ONE);
  }

  static <T> T locked(Path directory, java.util.concurrent.Callable<T> work) {
    return guarded(() -> CaFiles.alone(directory, work));
  }

  private static <T> T guarded(java.util.concurrent.Callable<T> work) {
    try {
      return work.call();
    } catch (CaException e) {
      throw e;
    } catch (Exception e) {
      throw new CaException("the local CA: " + e, e);
    }
  }
}
