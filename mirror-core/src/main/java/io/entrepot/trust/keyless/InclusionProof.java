package io.entrepot.trust.keyless;

import io.entrepot.oci.Digest;
import io.entrepot.trust.material.BrokenSignatureException;
import io.entrepot.trust.material.Bytes;
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
    long index, long treeSize, Bytes rootHash, List<Bytes> hashes, Checkpoint checkpoint) {

  /** A tree of more entries than there will be has fewer levels. */
  private static final int MAX_HASHES = 64;

  InclusionProof {
    hashes = List.copyOf(hashes);
  }

  static InclusionProof of(JsonNode proof) {
    JsonNode list = proof.path("hashes");
    List<Bytes> hashes = new ArrayList<>();
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
  void require(Bytes entry, TrustedRoot.Log log) {
    checkpoint.requireSignedBy(log);
    if (checkpoint.treeSize() != treeSize) {
      throw new BrokenSignatureException(
          "the log has signed a tree of another size than the proof is for");
    }
    if (!checkpoint.rootHash().equals(rootHash)) {
      throw new BrokenSignatureException("the log has signed another root than the proof is for");
    }
    if (!rootOf(leaf(entry)).equals(rootHash)) {
      throw new BrokenSignatureException("the inclusion proof does not lead to the log's root");
    }
  }

  private Bytes rootOf(Bytes leaf) {
    if (index < 0 || index >= treeSize) {
      throw new BrokenSignatureException(
          "the inclusion proof is for an entry beyond the log's end");
    }
    Iterator<Bytes> path = hashes.iterator();
    Bytes hash = leaf;
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

  private static Bytes next(Iterator<Bytes> path) {
    if (!path.hasNext()) {
      throw new BrokenSignatureException("the inclusion proof lacks hashes");
    }
    return path.next();
  }

  private static Bytes leaf(Bytes entry) {
    MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
    hash.update((byte) 0);
    return Bytes.of(hash.digest(entry.toArray()));
  }

  private static Bytes node(Bytes left, Bytes right) {
    MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
    hash.update((byte) 1);
    hash.update(left.toArray());
    return Bytes.of(hash.digest(right.toArray()));
  }
}
