package io.entrepot.trust.keyless;

import io.entrepot.oci.Digest;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.StrictJson;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * That an entry is in a log: the hashes from its leaf to the root of the tree (RFC 6962, section
 * 2.1.1), and the log's own signature under that root.
 */
record InclusionProof(
    long index, long treeSize, byte[] rootHash, List<byte[]> hashes, Checkpoint checkpoint) {

  /** A tree of more entries than there will be has fewer levels. */
  private static final int MAX_HASHES = 64;

  InclusionProof {
    hashes = List.copyOf(hashes);
  }

  static InclusionProof of(JsonNode proof) {
    JsonNode list = proof.path("hashes");
    List<byte[]> hashes = new ArrayList<>();
    for (JsonNode hash : list) {
      hashes.add(StrictJson.base64(hash.asString(""), "a hash of the inclusion proof"));
      if (hashes.size() > MAX_HASHES) {
        throw new BrokenSignatureException("the inclusion proof is too long");
      }
    }
    return new InclusionProof(
        StrictJson.numberOrZero(proof, "logIndex"),
        StrictJson.number(proof, "treeSize"),
        StrictJson.base64(proof, "rootHash"),
        hashes,
        Checkpoint.of(StrictJson.text(StrictJson.object(proof, "checkpoint"), "envelope")));
  }

  /**
   * Requires that the entry is in the log.
   *
   * @throws BrokenSignatureException if hashes, root, size or the log's signature do not fit
   */
  void require(byte[] entry, TrustedRoot.Log log) {
    checkpoint.requireSignedBy(log);
    if (checkpoint.treeSize() != treeSize
        || !MessageDigest.isEqual(checkpoint.rootHash(), rootHash)) {
      throw new BrokenSignatureException("the log has signed another state than the proof is for");
    }
    if (!MessageDigest.isEqual(rootOf(leaf(entry)), rootHash)) {
      throw new BrokenSignatureException("the inclusion proof does not lead to the log's root");
    }
  }

  private byte[] rootOf(byte[] leaf) {
    if (index < 0 || index >= treeSize) {
      throw new BrokenSignatureException(
          "the inclusion proof is for an entry beyond the log's end");
    }
    Iterator<byte[]> path = hashes.iterator();
    byte[] hash = leaf;
    long at = index;
    long last = treeSize - 1;
    while (last > 0) {
      if ((at & 1) == 1) {
        hash = node(next(path), hash);
      } else if (at < last) {
        hash = node(hash, next(path));
      }
      at >>= 1;
      last >>= 1;
    }
    if (path.hasNext()) {
      throw new BrokenSignatureException("the inclusion proof has hashes left over");
    }
    return hash;
  }

  private static byte[] next(Iterator<byte[]> path) {
    if (!path.hasNext()) {
      throw new BrokenSignatureException("the inclusion proof lacks hashes");
    }
    return path.next();
  }

  private static byte[] leaf(byte[] entry) {
    MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
    hash.update((byte) 0);
    return hash.digest(entry);
  }

  private static byte[] node(byte[] left, byte[] right) {
    MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
    hash.update((byte) 1);
    hash.update(left);
    return hash.digest(right);
  }
}
