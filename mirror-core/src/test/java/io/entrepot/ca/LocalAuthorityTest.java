package io.entrepot.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.trust.material.Certificates;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The local authority, and what it may vouch for. */
final class LocalAuthorityTest {

  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  private LocalAuthority authority(String... permit) {
    return LocalAuthority.init(directory.resolve("ca"), List.of(permit), NOW);
  }

  private Path issued() {
    return directory.resolve("tls");
  }

  @Test
  void root_isP256_constrained_itsKeyForItsOwnerOnly() throws Exception {
    X509Certificate root = authority().root();
    assertThat(root.getPublicKey()).isInstanceOf(ECPublicKey.class);
    assertThat(root.getBasicConstraints()).isZero();
    assertThat(root.getCriticalExtensionOIDs()).contains(Extension.nameConstraints.getId());
    assertThat(mode(directory.resolve("ca/ca.key"))).isEqualTo("rw-------");
    assertThat(mode(directory.resolve("ca/ca.pem"))).isEqualTo("rw-r--r--");
    assertThat(mode(directory.resolve("ca"))).isEqualTo("rwx------");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ca.pem", "ca.key"})
  void init_whereAnyPartIsThere_touchesNothing(String part) throws Exception {
    Files.createDirectories(directory.resolve("ca"));
    Files.writeString(directory.resolve("ca").resolve(part), "mine");
    assertThatThrownBy(() -> authority())
        .isInstanceOf(CaException.class)
        .hasMessageContaining(part)
        .hasMessageContaining("nothing was touched");
    try (var files = Files.list(directory.resolve("ca"))) {
      assertThat(files.map(file -> String.valueOf(file.getFileName())))
          .containsExactlyInAnyOrder(part, ".lock");
    }
    assertThat(directory.resolve("ca").resolve(part)).hasContent("mine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "k3d-entrepot.localhost",
        "host.k3d.internal",
        "127.0.0.1",
        "10.9.8.7",
        "172.31.255.255",
        "192.168.0.1",
        "::1",
        "fd00::5",
        "*.dev.internal",
        "REGISTRY.internal"
      })
  void localNames_areIssued_andHoldAgainstTheRoot(String name) throws Exception {
    LocalAuthority authority = authority();
    X509Certificate leaf = authority.issue(List.of(name), issued(), NOW);
    requireConstrained(leaf, authority.root());
    assertThat(Duration.between(NOW, leaf.getNotAfter().toInstant()))
        .isEqualTo(Duration.ofDays(397));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.org",
        "localhost.example.org",
        "notlocalhost",
        "internal.example.org",
        "8.8.8.8",
        "172.32.0.1",
        "11.0.0.1",
        "2001:db8::1",
        "*.org"
      })
  void otherNames_areRefused_andNoFileIsWritten(String name) {
    LocalAuthority authority = authority();
    assertThatThrownBy(() -> authority.issue(List.of("localhost", name), issued(), NOW))
        .isInstanceOf(CaException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("--permit");
    assertThat(issued()).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "..", "-x", "a/b", "localhost:5000", "300.1.1.1"})
  void whatIsNoName_isRefused(String name) {
    LocalAuthority authority = authority();
    assertThatThrownBy(() -> authority.issue(List.of(name), issued(), NOW))
        .isInstanceOf(CaException.class);
  }

  @Test
  void permitted_namesAndNetworks_stayInTheRoot() throws Exception {
    authority("registry.example.org", ".lab.example", "203.0.113.0/24", "2001:db8::/32");
    LocalAuthority again = LocalAuthority.open(directory.resolve("ca"));
    for (String name :
        List.of("registry.example.org", "a.lab.example", "203.0.113.200", "2001:db8:5::1")) {
      assertThat(again.permits(name)).as(name).isTrue();
      requireConstrained(again.issue(List.of(name), issued(), NOW), again.root());
    }
    assertThat(again.permits("example.org")).isFalse();
    assertThat(again.permits("203.0.114.1")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "10.0.0.0/33", "registry.example.org/24", "https://x", ""})
  void permit_whatIsNeitherNameNorNetwork_isRefused(String text) {
    assertThatThrownBy(() -> authority(text)).isInstanceOf(CaException.class);
    assertThat(directory.resolve("ca/ca.pem")).doesNotExist();
  }

  @Test
  void stolenKey_vouchesForNothingElse_toWhoChecksTheChain() throws Exception {
    LocalAuthority authority = authority();
    KeyPair stolen = CaFiles.key(directory.resolve("ca/ca.key"), authority.root()).orElseThrow();
    JcaX509v3CertificateBuilder forged =
        new JcaX509v3CertificateBuilder(
            authority.root(),
            BigInteger.TEN,
            Date.from(NOW),
            Date.from(NOW.plus(Duration.ofDays(30))),
            new X500Name("CN=example.org"),
            LocalAuthority.generate().getPublic());
    forged.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(new GeneralName(GeneralName.dNSName, "example.org")));
    X509Certificate leaf =
        new JcaX509CertificateConverter()
            .getCertificate(
                forged.build(
                    new JcaContentSignerBuilder("SHA256withECDSA").build(stolen.getPrivate())));
    assertThatThrownBy(() -> requireConstrained(leaf, authority.root()))
        .isInstanceOf(NameConstraintValidatorException.class);
  }

  @Test
  void open_keyOfAnotherRoot_isRefused() throws Exception {
    authority();
    LocalAuthority.init(directory.resolve("other"), List.of(), NOW);
    Files.copy(
        directory.resolve("other/ca.key"),
        directory.resolve("ca/ca.key"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> LocalAuthority.open(directory.resolve("ca")))
        .isInstanceOf(CaException.class)
        .hasMessageContaining("ca.key");
  }

  @Test
  void openOrInit_again_theSameRoot() {
    X509Certificate first = LocalAuthority.openOrInit(directory.resolve("ca"), NOW).root();
    assertThat(LocalAuthority.openOrInit(directory.resolve("ca"), NOW).root()).isEqualTo(first);
  }

  // ---- the server's own ---------------------------------------------------------------------

  private ServerCertificate server(LocalAuthority authority, String... hosts) {
    return ServerCertificate.of(authority, "127.0.0.1", 5000, List.of(hosts));
  }

  @Test
  void server_isIssuedOnce_andRenewedInItsLastThirdWithItsKey() throws Exception {
    LocalAuthority authority = authority();
    ServerCertificate server = server(authority, "localhost", "::1");
    assertThat(server.ensure(NOW)).isTrue();
    assertThat(server.directory()).isEqualTo(directory.resolve("ca/serve-127.0.0.1-5000"));
    assertThat(mode(server.key())).isEqualTo("rw-------");
    String key = Files.readString(server.key());
    assertThat(server.ensure(NOW.plus(Duration.ofDays(260)))).isFalse();
    Instant later = NOW.plus(Duration.ofDays(270));
    assertThat(server.ensure(later)).isTrue();
    assertThat(server.ensure(later)).isFalse();
    assertThat(server.key()).hasContent(key);
    Certificates.requireChain(
        CaFiles.certificate(server.certificate()).orElseThrow(),
        List.of(),
        authority.root(),
        later.plus(Duration.ofDays(390)));
  }

  @Test
  void server_ofOtherNames_ofAnotherRoot_orBroken_isIssuedAnew() throws Exception {
    ServerCertificate server = server(authority(), "localhost");
    server.ensure(NOW);
    assertThat(server(server.authority(), "localhost", "10.0.0.1").ensure(NOW)).isTrue();
    assertThat(server.ensure(NOW)).isTrue();
    Files.writeString(server.key(), "no key");
    assertThat(server.ensure(NOW)).isTrue();
    Files.delete(server.certificate());
    assertThat(server.ensure(NOW)).isTrue();
    Files.delete(directory.resolve("ca/ca.pem"));
    Files.delete(directory.resolve("ca/ca.key"));
    assertThat(server(authority(), "localhost").ensure(NOW)).isTrue();
  }

  /** As OpenSSL and Go do it; the JDK does not look at the constraints of a trusted root. */
  private static void requireConstrained(X509Certificate leaf, X509Certificate root)
      throws Exception {
    Certificates.requireChain(leaf, List.of(), root, NOW);
    PKIXNameConstraintValidator validator = new PKIXNameConstraintValidator();
    validator.intersectPermittedSubtree(
        NameConstraints.getInstance(content(root, Extension.nameConstraints))
            .getPermittedSubtrees());
    for (GeneralName name :
        GeneralNames.getInstance(content(leaf, Extension.subjectAlternativeName)).getNames()) {
      validator.checkPermitted(name);
    }
  }

  private static byte[] content(X509Certificate certificate, ASN1ObjectIdentifier extension) {
    return ASN1OctetString.getInstance(certificate.getExtensionValue(extension.getId()))
        .getOctets();
  }

  private static String mode(Path file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
