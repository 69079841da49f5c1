package io.entrepot.ca;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;

/**
 * The names and networks that an authority may vouch for (RFC 5280, 4.2.1.10). They stand in its
 * root as a critical extension, so that clients hold it to them, whoever has its key.
 */
final class PermittedNames {

  private static final Pattern DOMAIN =
      Pattern.compile("[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*");

  /** What never belongs to anybody on the internet. */
  private static final List<String> ALWAYS =
      List.of(
          "localhost",
          "internal",
          "127.0.0.0/8",
          "10.0.0.0/8",
          "172.16.0.0/12",
          "192.168.0.0/16",
          "::1/128",
          "fc00::/7");

  private final List<GeneralName> names;

  private PermittedNames(List<GeneralName> names) {
    this.names = List.copyOf(names);
  }

  /**
   * The local ones and more.
   *
   * @param more domains, which stand for the names below them too, and networks such as {@code
   *     203.0.113.0/24}
   * @throws CaException for what is neither
   */
  static PermittedNames localAnd(Collection<String> more) {
    List<GeneralName> names = new ArrayList<>();
    ALWAYS.forEach(each -> names.add(constraint(each)));
    more.forEach(each -> names.add(constraint(each)));
    return new PermittedNames(names.stream().distinct().toList());
  }

  /** Those of a root; none where it has no constraints, so that such a root is not used. */
  static PermittedNames of(X509Certificate root) {
    byte[] extension = root.getExtensionValue(Extension.nameConstraints.getId());
    if (extension == null) {
      return new PermittedNames(List.of());
    }
    NameConstraints constraints =
        NameConstraints.getInstance(ASN1OctetString.getInstance(extension).getOctets());
    GeneralSubtree[] permitted = constraints.getPermittedSubtrees();
    return new PermittedNames(
        permitted == null
            ? List.of()
            : Arrays.stream(permitted).map(GeneralSubtree::getBase).toList());
  }

  NameConstraints asExtension() {
    return new NameConstraints(
        names.stream().map(GeneralSubtree::new).toArray(GeneralSubtree[]::new), null);
  }

  /** Whether a certificate for a host may be issued: a name, {@code *.name} or an address. */
  boolean permit(String host) {
    Optional<InetAddress> address = address(host);
    return names.stream()
        .anyMatch(
            name ->
                address.isPresent()
                    ? name.getTagNo() == GeneralName.iPAddress
                        && contains(network(name), address.get().getAddress())
                    : name.getTagNo() == GeneralName.dNSName
                        && isBelow(plain(host), name.getName().toString()));
  }

  /** The name as a certificate holds it. */
  static GeneralName subject(String host) {
    Optional<InetAddress> address = address(host);
    if (address.isPresent()) {
      return new GeneralName(GeneralName.iPAddress, new DEROctetString(address.get().getAddress()));
    }
    if (!DOMAIN.matcher(plain(host)).matches()) {
      throw new CaException("not the name or address of a host: '%s'".formatted(host));
    }
    return new GeneralName(GeneralName.dNSName, host.toLowerCase(Locale.ROOT));
  }

  /** The address that a text is; a name is never looked up. */
  static Optional<InetAddress> address(String text) {
    String bare = text.startsWith("[") ? text.substring(1, text.length() - 1) : text;
    boolean literal = bare.contains(":") || bare.matches("[0-9.]+");
    try {
      return literal ? Optional.of(InetAddress.ofLiteral(bare)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static GeneralName constraint(String text) {
    int slash = text.indexOf('/');
    Optional<InetAddress> address = address(slash < 0 ? text : text.substring(0, slash));
    if (address.isEmpty()) {
      String domain = text.toLowerCase(Locale.ROOT).replaceFirst("^(?:\\*\\.|\\.)", "");
      if (slash >= 0 || !DOMAIN.matcher(domain).matches()) {
        throw new CaException(
            "not a name or a network: '%s' (expected as registry.example.org or 203.0.113.0/24)"
                .formatted(text));
      }
      return new GeneralName(GeneralName.dNSName, domain);
    }
    byte[] bytes = address.get().getAddress();
    String length = slash < 0 ? String.valueOf(bytes.length * 8) : text.substring(slash + 1);
    if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > bytes.length * 8) {
      throw new CaException("not a network: '%s' (expected as 203.0.113.0/24)".formatted(text));
    }
    byte[] network = new byte[bytes.length * 2];
    for (int bit = 0; bit < Integer.parseInt(length); bit++) {
      int mask = 0x80 >> (bit % 8);
      network[bytes.length + bit / 8] |= (byte) mask;
      network[bit / 8] |= (byte) (bytes[bit / 8] & mask);
    }
    return new GeneralName(GeneralName.iPAddress, new DEROctetString(network));
  }

  private static byte[] network(GeneralName name) {
    return ASN1OctetString.getInstance(name.getName()).getOctets();
  }

  /** Whether a network, its address and then its mask, contains an address. */
  private static boolean contains(byte[] network, byte[] address) {
    if (network.length != address.length * 2) {
      return false;
    }
    for (int i = 0; i < address.length; i++) {
      if ((address[i] & network[address.length + i]) != network[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBelow(String host, String domain) {
    return host.equals(domain) || host.endsWith("." + domain);
  }

  private static String plain(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.startsWith("*.") ? lower.substring(2) : lower;
  }
}
