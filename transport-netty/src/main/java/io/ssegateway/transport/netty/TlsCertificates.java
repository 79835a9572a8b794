package io.ssegateway.transport.netty;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that new connections are shown, which follows its files. Files that are broken,
 * or do not belong together, change nothing: what was good stays. Thread-safe.
 */
final class TlsCertificates implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TlsCertificates.class);

  static {
    // A client that wants the handshake over and over costs us much and itself little.
    if (System.getProperty("jdk.tls.rejectClientInitiatedRenegotiation") == null) {
      System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }
  }

  private final TlsOptions options;
  private final TransportCounters counters;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "sse-tls-reload");
            thread.setDaemon(true);
            return thread;
          });
  private volatile SslContext context;

  // the timer's own
  private PemFiles seen;
  private @Nullable String trouble;

  private TlsCertificates(
      TlsOptions options, TransportCounters counters, PemFiles files, SslContext context) {
    this.options = options;
    this.counters = counters;
    this.seen = files;
    this.context = context;
  }

  /**
   * Loads the certificate and begins to watch its files.
   *
   * @throws IOException if they are missing or wrong; the text says what
   */
  static TlsCertificates load(TlsOptions options, TransportCounters counters) throws IOException {
    PemFiles files = PemFiles.read(options);
    TlsCertificates certificates;
    try {
      certificates = new TlsCertificates(options, counters, files, build(files));
    } catch (GeneralSecurityException e) {
      throw new IOException(e.getMessage(), e);
    }
    certificates.timer.scheduleWithFixedDelay(
        certificates::look, options.reloadMs(), options.reloadMs(), TimeUnit.MILLISECONDS);
    return certificates;
  }

  private static SslContext build(PemFiles files) throws GeneralSecurityException, IOException {
    PemFiles.KeyAndCertificates decoded = files.decode();
    X509Certificate own = decoded.chain().get(0);
    try {
      own.checkValidity();
    } catch (CertificateException e) {
      LOG.warn("the certificate of {} is not valid now: {}", name(own), e.getMessage());
    }
    return SslContextBuilder.forServer(decoded.key(), decoded.chain())
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3", "TLSv1.2")
        .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2,
                ApplicationProtocolNames.HTTP_1_1))
        .build();
  }

  private static String name(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }

  /** What a connection that begins now is to use. */
  SslContext current() {
    return context;
  }

  private void look() {
    PemFiles now;
    try {
      now = PemFiles.read(options);
    } catch (IOException e) {
      keep(String.valueOf(e.getMessage()));
      return;
    }
    if (now.isSame(seen)) {
      trouble = null;
      return;
    }
    seen = now;
    try {
      context = build(now);
      trouble = null;
      counters.add(TransportCounter.TLS_RELOADS);
      LOG.info("the certificate was loaded anew from {}", options.certificate());
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      keep(String.valueOf(e.getMessage()));
    }
  }

  /** Tells of each trouble once, not at every look. */
  private void keep(String why) {
    if (!why.equals(trouble)) {
      trouble = why;
      counters.add(TransportCounter.TLS_RELOAD_FAILURES);
      LOG.warn("the certificate was not loaded anew, the one before stays in use: {}", why);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
