package io.entrepot.render;

/** An entry, the target it is rendered for and the cluster it goes to. */
record Assignment(String target, String cluster, RenderEntry entry) {}
