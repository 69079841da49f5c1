/** What the files of a client say about where its pulls go; nothing is asked over a network. */
@NullMarked
package io.entrepot.doctor;

import org.jspecify.annotations.NullMarked;
