/**
 * Inner loops, measured by JMH: {@code benchmarks/run jmh}, or one of them by
 *
 * <pre>
 * mvn -q -Pbenchmarks -pl benchmarks/jmh -am -DskipTests package
 * java -cp 'benchmarks/jmh/target/benchmarks.jar:benchmarks/jmh/target/lib/*' org.openjdk.jmh.Main Routing
 * </pre>
 */
@NullMarked
package io.entrepot.benchmarks;

import org.jspecify.annotations.NullMarked;
