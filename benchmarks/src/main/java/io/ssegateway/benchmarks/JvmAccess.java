package io.ssegateway.benchmarks;

/**
 * The access to JDK internals that the manifest of the gateway's jar grants itself, for the JVMs
 * that JMH forks: they are not started with {@code -jar}, so a manifest does not reach them.
 */
final class JvmAccess {
  static final String OPEN_REFLECT = "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED";
  static final String OPEN_MISC = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";
  static final String EXPORT_NIO = "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED";
  static final String EXPORT_REF = "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED";
  static final String NATIVE = "--enable-native-access=ALL-UNNAMED";

  private JvmAccess() {}
}
