/**
 * The policy in the words of those who guard a cluster: Kubernetes itself, Kyverno, sigstore's
 * policy-controller, and the container engines of its nodes.
 */
@NullMarked
package io.entrepot.policy.cluster;

import org.jspecify.annotations.NullMarked;
