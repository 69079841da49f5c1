/** Tests of the whole: architecture, format, and the program used from outside. */
@org.jspecify.annotations.NullMarked
package io.entrepot.tests;
