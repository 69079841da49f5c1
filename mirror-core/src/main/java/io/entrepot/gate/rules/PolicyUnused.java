package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.PolicyDecisions;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Target;
import io.entrepot.policy.Admission;

/** Entries of {@code admit:} in the policy that are over, or that nothing needs. */
final class PolicyUnused implements Judgement {

  static final Rule RULE =
      new Rule(
          "policy-unused",
          "An admission that admits nothing",
          "What nobody needs any more is still a hole: the digest would pass unsigned and unseen.",
          "Remove the entry from admit: in policy.yaml, or give it a new last day with its reason.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    PolicyDecisions decisions = evidence.policy();
    if (decisions == null) {
      return;
    }
    String target = evidence.spec().targets().stream().map(Target::name).findFirst().orElse("");
    for (PolicyDecisions.Idle idle : decisions.idle(evidence.cluster())) {
      Admission admission = idle.admission();
      findings.refuse(
          target,
          admission.position(),
          idle.expired()
              ? "the admission of %s (%s) ended with %s"
                  .formatted(admission.digest(), admission.reason(), admission.until())
              : "no image of this tree or the lock is %s, which is admitted (%s)"
                  .formatted(admission.digest(), admission.reason()),
          "remove from admit: in %s: - { digest: %s, … }"
              .formatted(admission.position(), admission.digest()));
    }
  }
}
