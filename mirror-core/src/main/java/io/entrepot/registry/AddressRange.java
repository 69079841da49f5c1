package io.entrepot.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/** Ranges of IP addresses: CIDR notation, and which addresses belong to nobody's public service. */
final class AddressRange {

  private static final Set<String> METADATA =
      Set.of(
          "fd00:ec2:0:0:0:0:0:254",
          "fd20:ce:0:0:0:0:0:254",
          "100.100.100.200",
          "168.63.129.16",
          "192.0.0.192");

  private AddressRange() {}

  /** Whether a literal address lies in {@code network/bits}; false where either is not that. */
  static boolean contains(String cidr, String literal) {
    int slash = cidr.indexOf('/');
    if (slash < 0 || !isLiteral(literal) || !isLiteral(cidr.substring(0, slash))) {
      return false;
    }
    try {
      byte[] network = InetAddress.getByName(cidr.substring(0, slash)).getAddress();
      byte[] address = InetAddress.getByName(bare(literal)).getAddress();
      int bits = Integer.parseInt(cidr.substring(slash + 1));
      if (network.length != address.length || bits < 0 || bits > network.length * 8) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((network[bit / 8] & mask) != (address[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException | NumberFormatException e) {
      return false;
    }
  }

  /** Whether a host is written as an IP address, so that nothing is asked of a name server. */
  static boolean isLiteral(String host) {
    String text = bare(host);
    return text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || text.contains(":");
  }

  /**
   * Loopback, link-local (cloud metadata lives there), private, carrier-grade NAT, unique local,
   * multicast and unspecified addresses.
   */
  static boolean isInternal(InetAddress literal) {
    InetAddress address = carried(literal);
    byte[] bytes = address.getAddress();
    boolean carrierNat = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
    boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    return address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || carrierNat
        || uniqueLocal;
  }

  /**
   * Addresses that no registry lies at: link-local, multicast and unspecified ones, and those where
   * clouds answer questions about the machine (Amazon and Google by IPv6, Alibaba, Azure, Oracle).
   * An IPv6 address that only carries an IPv4 address is judged as that one.
   */
  static boolean isForNobody(InetAddress address) {
    InetAddress carried = carried(address);
    return carried.isLinkLocalAddress()
        || carried.isAnyLocalAddress()
        || carried.isMulticastAddress()
        || METADATA.contains(carried.getHostAddress());
  }

  /** The IPv4 address within NAT64, 6to4 and IPv4-compatible ones (RFC 6052, 3056, 4291). */
  private static InetAddress carried(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != 16) {
      return address;
    }
    String prefix = HexFormat.of().formatHex(bytes, 0, 12);
    boolean compatible = prefix.equals("0".repeat(24)) && (bytes[12] | bytes[13]) != 0;
    boolean translated = prefix.equals("0064ff9b" + "0".repeat(16));
    boolean sixToFour = prefix.startsWith("2002");
    int start = sixToFour ? 2 : 12;
    if (!compatible && !translated && !sixToFour) {
      return address;
    }
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, start, start + 4));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
