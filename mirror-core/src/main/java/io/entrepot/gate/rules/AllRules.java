package io.entrepot.gate.rules;

import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rules;
import java.util.List;

/** Every rule of {@code check}. */
public final class AllRules {

  /** In the order in which reports list them. */
  public static final List<Judgement> JUDGEMENTS =
      List.of(
          new Render(),
          new SchemaMismatch(),
          new DockerHub(),
          new Unpinned(),
          new FloatingTag(),
          new TagInLabel(),
          new PullPolicy(),
          new NotAList(),
          new PlatformMissing(),
          new NotFound(),
          new NotMirrored(),
          new ImageMissing(),
          new TargetsDiffer(),
          new ClusterScopeCollision(),
          new HostPortCollision(),
          new SecretStoreMissing(),
          new PullSecretMissing(),
          new EmptyHost(),
          new RuntimeDownload(),
          new ImmutableChange(),
          new SecretMissing(),
          new BackendMissing(),
          new ForeignSource(),
          new EmptiedValue(),
          new Unschedulable(),
          new PlainSecret(),
          new VolumeOwner(),
          new SourceMissing(),
          new WrongNamespace(),
          new Unsigned(),
          new WrongSigner(),
          new AttestationMissing(),
          new TooYoung(),
          new Denied(),
          new PolicyUnused(),
          new NotRunningWhatGitSays());

  /** The same, without how they are judged. */
  public static final Rules RULES = new Rules(JUDGEMENTS.stream().map(Judgement::rule).toList());

  private AllRules() {}
}
