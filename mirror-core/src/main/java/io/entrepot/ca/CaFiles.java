package io.entrepot.ca;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.entrepot.text.WholeFile;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Certificates;
import io.entrepot.trust.material.Pem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/** Certificates and keys as PEM files: written whole or not at all, keys for their owner only. */
final class CaFiles {

  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
  private static final Set<PosixFilePermission> OPEN = PosixFilePermissions.fromString("rw-r--r--");
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private CaFiles() {}

  static void makeDirectory(Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(directory, PRIVATE);
    }
  }

  /** Does something while no other process does the same in that directory. */
  static <T> T alone(Path directory, Callable<T> work) throws Exception {
    makeDirectory(directory);
    try (FileChannel channel =
            FileChannel.open(
                directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid()) {
        throw new IOException("no lock on " + directory);
      }
      return work.call();
    }
  }

  static void writeCertificate(Path file, X509Certificate certificate) throws Exception {
    WholeFile.write(file, pem("CERTIFICATE", certificate.getEncoded()), OPEN);
  }

  static void writeKey(Path file, PrivateKey key) throws IOException {
    WholeFile.write(file, pem("PRIVATE KEY", key.getEncoded()));
  }

  private static byte[] pem(String label, byte[] der) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(label, LINES.encodeToString(der))
        .getBytes(US_ASCII);
  }

  /** The first certificate of a file; nothing where there is none that can be read. */
  static Optional<X509Certificate> certificate(Path file) {
    try {
      List<X509Certificate> found = Certificates.parsePem(Files.readString(file, US_ASCII));
      return found.stream().findFirst();
    } catch (IOException | BrokenSignatureException e) {
      return Optional.empty();
    }
  }

  /** A certificate's private key; nothing where it cannot be read or is another one's. */
  static Optional<KeyPair> key(Path file, X509Certificate certificate) {
    try {
      byte[] der = Pem.blocks(Files.readString(file, US_ASCII), "PRIVATE KEY").getFirst().toArray();
      PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
      PublicKey shown = certificate.getPublicKey();
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key);
      signature.update((byte) 1);
      byte[] signed = signature.sign();
      signature.initVerify(shown);
      signature.update((byte) 1);
      return signature.verify(signed) ? Optional.of(new KeyPair(shown, key)) : Optional.empty();
    } catch (IOException
        | GeneralSecurityException
        | BrokenSignatureException
        | java.util.NoSuchElementException e) {
      return Optional.empty();
    }
  }
}
