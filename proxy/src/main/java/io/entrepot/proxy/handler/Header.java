package io.entrepot.proxy.handler;

/** A header of an answer. */
record Header(CharSequence name, String value) {}
