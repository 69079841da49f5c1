package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.ImageUse;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.LockView;
import io.entrepot.gate.Rule;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.RegistryName;

/** Images and charts from Docker Hub. */
final class DockerHub implements Judgement {

  static final Rule RULE =
      new Rule(
          "docker-hub",
          "An image from Docker Hub",
          "Docker Hub limits pulls for each address: behind one NAT all nodes share the limit and"
              + " pods fail with 429, while a laptop with a warm cache shows nothing.",
          "Mirror the image (mirror.yaml, entrepot mirror) and write the copy: entrepot pin.");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    LockView lock = evidence.lock();
    for (ImageUse use : evidence.cluster().images()) {
      ImageReference image = use.reference();
      if (image.registry().equals(RegistryName.DOCKER_HUB)) {
        String remedy =
            lock == null
                ? RULE.remedy()
                : lock.find(image)
                    .map(
                        copy ->
                            "write the copy %s: entrepot pin does it"
                                .formatted(copy.pinnedTarget()))
                    .orElse(RULE.remedy());
        findings.refuse(use, "%s comes from Docker Hub".formatted(image), remedy);
      }
    }
  }
}
