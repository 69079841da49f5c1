package io.entrepot.trust.keyless;

import io.entrepot.oci.Digest;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
import io.entrepot.trust.material.Certificates;
import io.entrepot.trust.material.StrictJson;
import io.entrepot.trust.material.VerificationKey;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Whom keyless signatures are believed by: certificate authorities, certificate and signature logs,
 * time stamp authorities. The format is sigstore's {@code TrustedRoot} message as JSON, which
 * {@code cosign trusted-root create} writes.
 */
public final class TrustedRoot {

  /** Largest file that is read, in bytes. */
  public static final int MAX_BYTES = 4 * 1024 * 1024;

  /**
   * A log, of signatures or of certificates.
   *
   * @param keyId as entries name the log
   * @param host the log's address without its scheme, as checkpoints name their origin
   */
  record Log(Bytes keyId, VerificationKey key, String host, Validity validity) {
    boolean isNamed(Bytes id) {
      return keyId.equals(id);
    }
  }

  /**
   * An authority for certificates or time stamps.
   *
   * @param certificates from the one nearest to the signer to the root, at least one
   */
  record Authority(List<X509Certificate> certificates, Validity validity) {
    Authority {
      certificates = List.copyOf(certificates);
    }

    X509Certificate root() {
      return certificates.getLast();
    }
  }

  private final List<Log> signatureLogs;
  private final List<Log> certificateLogs;
  private final List<Authority> certificateAuthorities;
  private final List<Authority> timestampAuthorities;
  private final Digest digest;

  private TrustedRoot(JsonNode root, Digest digest) {
    this.signatureLogs = logs(root, "tlogs");
    this.certificateLogs = logs(root, "ctlogs");
    this.certificateAuthorities = authorities(root, "certificateAuthorities");
    this.timestampAuthorities = authorities(root, "timestampAuthorities");
    this.digest = digest;
  }

  /**
   * Reads the file's bytes.
   *
   * @throws BrokenSignatureException if it is no trusted root; a log whose key is of a kind that is
   *     not understood is left out, since no entry of it can be checked
   */
  public static TrustedRoot of(byte[] json) {
    if (json.length > MAX_BYTES) {
      throw new BrokenSignatureException("the trusted root is larger than " + MAX_BYTES + " bytes");
    }
    JsonNode root = StrictJson.object(json, "the trusted root");
    String type = StrictJson.text(root, "mediaType");
    if (!type.startsWith("application/vnd.dev.sigstore.trustedroot")) {
      throw new BrokenSignatureException("the media type " + type + " is not a trusted root's");
    }
    return new TrustedRoot(root, Digest.of(json));
  }

  /** The digest of the file, which names this state of it. */
  public Digest digest() {
    return digest;
  }

  List<Authority> certificateAuthorities() {
    return certificateAuthorities;
  }

  List<Authority> timestampAuthorities() {
    return timestampAuthorities;
  }

  Optional<Log> signatureLog(Bytes keyId) {
    return signatureLogs.stream().filter(log -> log.isNamed(keyId)).findFirst();
  }

  Optional<Log> certificateLog(Bytes keyId) {
    return certificateLogs.stream().filter(log -> log.isNamed(keyId)).findFirst();
  }

  private static List<Log> logs(JsonNode root, String field) {
    List<Log> logs = new ArrayList<>();
    for (JsonNode each : StrictJson.objects(root, field)) {
      JsonNode key = StrictJson.object(each, "publicKey");
      Bytes der = StrictJson.base64(key, "rawBytes");
      VerificationKey read;
      try {
        read = VerificationKey.ofDer(der);
      } catch (BrokenSignatureException e) {
        continue;
      }
      JsonNode id = each.path("logId");
      Bytes keyId =
          id.isObject()
              ? StrictJson.base64(id, "keyId")
              : Bytes.ofHex(Digest.of(der.toArray()).hex());
      logs.add(new Log(keyId, read, host(each.path("baseUrl").asString("")), Validity.of(key)));
    }
    return List.copyOf(logs);
  }

  private static List<Authority> authorities(JsonNode root, String field) {
    List<Authority> authorities = new ArrayList<>();
    for (JsonNode each : StrictJson.objects(root, field)) {
      List<X509Certificate> chain = new ArrayList<>();
      for (JsonNode one :
          StrictJson.objects(StrictJson.object(each, "certChain"), "certificates")) {
        chain.add(Certificates.parse(StrictJson.base64(one, "rawBytes")));
      }
      if (chain.isEmpty()) {
        throw new BrokenSignatureException("an entry of " + field + " has no certificate");
      }
      authorities.add(new Authority(chain, Validity.of(each)));
    }
    return List.copyOf(authorities);
  }

  private static String host(String address) {
    try {
      String authority = URI.create(address).getRawAuthority();
      return authority == null ? address : authority;
    } catch (IllegalArgumentException e) {
      return address;
    }
  }
}
