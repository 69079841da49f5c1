package io.entrepot.render;

import io.entrepot.yaml.SourceNode;

/** A document that is no Kubernetes object, such as a chart's values, judged as it stands. */
public record ValuesDocument(SourceNode root, Origin origin) {}
