package io.entrepot.trust;

import java.util.List;

/** Whether an image is vouched for. Only {@link Verified} lets it pass. */
public sealed interface Verdict {

  /** Every demand is met. */
  record Verified(List<Evidence> evidence) implements Verdict {
    /** Copies the list. */
    public Verified {
      evidence = List.copyOf(evidence);
    }
  }

  /** Nothing claims to be a signature of this digest. */
  record Unsigned() implements Verdict {}

  /**
   * There is a signature, by nobody who is accepted.
   *
   * @param found who signed, as far as that is known
   */
  record WrongSigner(List<String> found) implements Verdict {
    /** Copies the list. */
    public WrongSigner {
      found = List.copyOf(found);
    }
  }

  /**
   * Demanded attestations are not there, or not right.
   *
   * @param missing their predicate types
   * @param reasons what is wrong with those that are there
   */
  record AttestationMissing(List<String> missing, List<String> reasons) implements Verdict {
    /** Copies the lists. */
    public AttestationMissing {
      missing = List.copyOf(missing);
      reasons = List.copyOf(reasons);
    }
  }

  /** Something claims to be the signature and does not hold. */
  record Invalid(List<String> reasons) implements Verdict {
    /** Copies the list. */
    public Invalid {
      reasons = List.copyOf(reasons);
    }
  }

  /** What is needed could not be read: the registry fails, or there is too much of it. */
  record Unjudged(List<String> reasons) implements Verdict {
    /** Copies the list. */
    public Unjudged {
      reasons = List.copyOf(reasons);
    }
  }
}
